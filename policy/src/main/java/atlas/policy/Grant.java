package atlas.policy;

import atlas.core.Glob;
import atlas.core.Role;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A role given to a principal. A credential can carry less than its principal was granted, never
 * more: a role works where both carry it.
 *
 * @param principal the principal's id; {@code *} in it stands for any run of characters, so that
 *     {@code oidc:https://idp.example#*} grants to everybody an issuer vouches for
 * @param models the models the role reaches; a consumer without any reaches none, another role
 *     without any is not restricted by model
 * @param expires when the grant ends by itself
 */
public record Grant(
        String principal, Role role, List<Glob> models, String tenant, Optional<Instant> expires) {
    public Grant {
        if (principal.isEmpty() || principal.length() > 200) {
            throw new IllegalArgumentException("a grant names a principal of 1 to 200 characters");
        }
        if (tenant.isEmpty()) {
            throw new IllegalArgumentException("a grant names a tenant");
        }
        if (principal.chars().allMatch(c -> c == '*')) {
            throw new IllegalArgumentException("a grant to everybody is refused; name a prefix");
        }
        models = List.copyOf(models);
    }

    /** Whether the principal is a pattern rather than one id. */
    public boolean isPattern() {
        return principal.indexOf('*') >= 0;
    }

    /** Whether the grant is in force at that moment. */
    public boolean liveAt(Instant now) {
        return expires.isEmpty() || now.isBefore(expires.get());
    }
}

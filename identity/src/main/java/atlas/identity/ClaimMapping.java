package atlas.identity;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an issuer's claims mean here. Nothing is inferred: a role not in the mapping is no role, and
 * an attribute not asked for is not carried.
 *
 * <p>A claim is named by its name or by a dotted path to it: {@code realm_access.roles}.
 *
 * @param rolesClaim holds role names; without one, the subject rules alone give roles
 * @param roles the issuer's role name to ours
 * @param modelsClaim holds model patterns; without one, the grants alone decide
 * @param groupsClaim holds group names, for policy to look at
 * @param attributes our attribute name to the claim it comes from
 * @param principalClaim names the caller, {@code sub} as a rule
 * @param kind what sort of caller its tokens are about
 * @param tenant the tenant its callers belong to
 * @param subjects when there are any, a caller must fit one of them; the first that fits applies
 */
public record ClaimMapping(
        Optional<String> rolesClaim,
        Map<String, Role> roles,
        Optional<String> modelsClaim,
        Optional<String> groupsClaim,
        Map<String, String> attributes,
        String principalClaim,
        Principal.Kind kind,
        String tenant,
        List<SubjectRule> subjects) {
    private static final int MAX_ATTRIBUTES = 32;

    public ClaimMapping {
        roles = Map.copyOf(roles);
        attributes = Map.copyOf(attributes);
        subjects = List.copyOf(subjects);
        if (principalClaim.isEmpty() || tenant.isEmpty()) {
            throw new IllegalArgumentException("an issuer needs a principal claim and a tenant");
        }
        if (attributes.size() > MAX_ATTRIBUTES) {
            throw new IllegalArgumentException(
                    "at most " + MAX_ATTRIBUTES + " attributes are carried");
        }
    }

    /** Roles by name, people, one tenant; nothing else is read. */
    public static ClaimMapping ofRoles(String rolesClaim, Map<String, Role> roles) {
        return new ClaimMapping(
                Optional.of(rolesClaim),
                roles,
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                "sub",
                Principal.Kind.HUMAN,
                Principal.DEFAULT_TENANT,
                List.of());
    }

    /**
     * Callers of one pattern, such as the service accounts of a namespace or the workflows of a
     * repository, and what they are.
     *
     * @param subject matches the principal claim
     * @param claims further claims that must match, by name or dotted path
     * @param roles what such callers may be, beside what the roles claim gives
     * @param models which models their credential reaches; every one when empty
     */
    public record SubjectRule(
            Glob subject,
            Map<String, Glob> claims,
            Principal.Kind kind,
            Set<Role> roles,
            List<Glob> models) {
        public SubjectRule {
            claims = Map.copyOf(claims);
            roles = Set.copyOf(roles);
            models = List.copyOf(models);
        }
    }
}

package atlas.policy;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Principals and grants, shortly written. */
final class Callers {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private Callers() {}

    static List<Glob> globs(String... patterns) {
        return List.of(patterns).stream().map(Glob::new).toList();
    }

    static Principal caller(String id, Set<Role> roles, String... models) {
        return in("default", id, roles, models);
    }

    static Principal in(String tenant, String id, Set<Role> roles, String... models) {
        return new Principal(
                id,
                Principal.Kind.SERVICE,
                tenant,
                roles,
                globs(models),
                new Principal.Credential(
                        Principal.Credential.Kind.API_KEY,
                        "key",
                        NOW,
                        NOW.plusSeconds(60),
                        Optional.empty()));
    }

    static Grant grant(String principal, Role role, String... models) {
        return new Grant(principal, role, globs(models), "default", Optional.empty());
    }
}

package atlas.control.api;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.policy.Action;
import atlas.policy.Decision;
import atlas.policy.Grant;
import atlas.policy.MemoryGrantStore;
import atlas.policy.Resource;
import atlas.policy.RolePolicy;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a role may do, found by asking policy about somebody who holds that role and no other. */
final class RoleMatrix {
    private RoleMatrix() {}

    static List<String> of(Role role) {
        List<Glob> models = List.of(new Glob("*"));
        String id = "holder-of-" + role.wireName();
        Principal holder =
                new Principal(
                        id,
                        Principal.Kind.SERVICE,
                        Principal.DEFAULT_TENANT,
                        Set.of(role),
                        models,
                        new Principal.Credential(
                                Principal.Credential.Kind.API_KEY,
                                "none",
                                Instant.EPOCH,
                                Instant.MAX,
                                Optional.empty()));
        Grant grant = new Grant(id, role, models, Principal.DEFAULT_TENANT, Optional.empty());
        RolePolicy policy = new RolePolicy(new MemoryGrantStore(List.of(grant)));
        return Stream.of(Action.values())
                .filter(action ->
                        policy.decide(holder, action, resource(action)) instanceof Decision.Permit)
                .map(Action::wireName)
                .toList();
    }

    private static Resource resource(Action action) {
        String kind = action.name().toLowerCase(Locale.ROOT).replaceFirst("_.*", "");
        return kind.equals(Resource.MODEL) ? Resource.model("any-model") : Resource.any(kind);
    }
}

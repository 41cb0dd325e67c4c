package atlas.control.api;

import atlas.control.policies.PolicyBook;
import atlas.core.Role;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The roles that mean something now: the built-in ones and those the policy file names. A misspelt
 * role would do nothing, quietly; so others are not given to anybody.
 */
final class RoleNames {
    private final PolicyBook file;

    RoleNames(PolicyBook file) {
        this.file = file;
    }

    /** Every role, the built-in ones first. */
    Set<Role> all() {
        Set<Role> all = new TreeSet<>(Role.builtIn());
        all.addAll(file.policies().current().customRoles().keySet());
        return all;
    }

    /** A role that may be given. */
    Role known(String name) throws Refusal {
        return Role.ofWireName(name.toLowerCase(Locale.ROOT))
                .filter(all()::contains)
                .orElseThrow(() ->
                        Problems.invalid(
                                "there is no role `"
                                        + name
                                        + "`; roles are "
                                        + Views.roles(all())));
    }

    /** Roles that may be given. */
    Set<Role> known(List<String> names) throws Refusal {
        Set<Role> roles = new LinkedHashSet<>();
        for (String name : names) {
            roles.add(known(name));
        }
        return roles;
    }

    /** A role that may be taken away, whether it still means something or not. */
    static Role any(String name) throws Refusal {
        return Role.ofWireName(name.toLowerCase(Locale.ROOT))
                .orElseThrow(() -> Problems.invalid("`" + name + "` is not the name of a role"));
    }
}

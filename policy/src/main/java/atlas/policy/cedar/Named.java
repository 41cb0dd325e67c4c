package atlas.policy.cedar;

import atlas.core.Role;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whom and what the heads of a file name. What they do not name makes no difference to a slice, so
 * a question is reduced to this without putting keys together.
 */
record Named(Set<String> principals, Set<Role> roles, Set<String> groups, Set<String> resources) {

    static Named by(List<Rule> rules) {
        Named named = new Named(new HashSet<>(), new HashSet<>(), new HashSet<>(), new HashSet<>());
        for (Rule rule : rules) {
            rule.head().role().ifPresent(named.roles::add);
            rule.head().principalName().ifPresent(named.principals::add);
            rule.head().groupName().ifPresent(named.groups::add);
            rule.head().resourceName().ifPresent(named.resources::add);
        }
        return named;
    }

    /** Those of a set that are named; the set itself when all are. */
    static <T> Set<T> among(Set<T> all, Set<T> named) {
        int count = 0;
        for (T one : all) {
            count += named.contains(one) ? 1 : 0;
        }
        if (count == 0) {
            return Set.of();
        }
        if (count == all.size()) {
            return all;
        }
        Set<T> some = new HashSet<>(all);
        some.retainAll(named);
        return some;
    }
}

package atlas.control.enrol;

import atlas.core.Glob;
import atlas.core.WorkloadId;
import java.util.List;
import java.util.Optional;

/**
 * Which SPIFFE IDs need no token: whoever shows an SVID of the control plane's own trust domain
 * that one of these fits is the gateway or node that its path names. The first that fits applies.
 */
public record SvidRules(List<Rule> rules) {
    private static final int GATEWAY_OR_NODE = 2;

    /** One rule; {@code serverNames} go into the certificate that people's clients are shown. */
    public record Rule(Glob spiffeId, List<String> serverNames) {
        public Rule {
            serverNames = List.copyOf(serverNames);
        }
    }

    public SvidRules {
        rules = List.copyOf(rules);
    }

    /** No rule: workloads join with tokens. */
    public static SvidRules none() {
        return new SvidRules(List.of());
    }

    /** Whether nobody comes by SVID. */
    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** Who an identity would be, as {@code /gateway/NAME} or {@code /node/NAME}. */
    Optional<Claim> claim(WorkloadId id) {
        String[] path = id.path().substring(1).split("/", -1);
        if (path.length != GATEWAY_OR_NODE) {
            return Optional.empty();
        }
        Optional<Workload.Role> role = Workload.Role.ofWireName(path[0]);
        if (role.isEmpty() || !Workload.isName(path[1])) {
            return Optional.empty();
        }
        return rules.stream()
                .filter(rule -> rule.spiffeId.matches(id.uri()))
                .findFirst()
                .map(rule -> new Claim(role.get(), path[1], rule.serverNames));
    }

    /** What a rule makes of an identity. */
    record Claim(Workload.Role role, String name, List<String> serverNames) {}
}

package atlas.segmentation;

import atlas.segmentation.graph.Transport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A policy made up from a seed, and what it allows, told without reading it: who wrote the rules
 * knows their sum. Segment {@code sN} has 10.77.N.0/24 and fd77:N::/64, or one of them, or more.
 */
final class RandomPolicy {
    static final int[] PORTS = {22, 53, 443, 444, 445, 8000, 8005, 8010, 9090, 9091};

    private final SplittableRandom random;
    private final int segments;
    private final StringBuilder text = new StringBuilder();
    private final Set<Allowed> allowed = new HashSet<>();
    private final Map<String, List<String>> rules = new LinkedHashMap<>();

    /** One connection that is allowed; ports are those of {@link #PORTS}. */
    record Allowed(String from, String to, Transport transport, int port) {}

    RandomPolicy(long seed) {
        random = new SplittableRandom(seed);
        segments = random.nextInt(2, 7);
        List<Integer> listed = new ArrayList<>();
        for (int i = 1; i <= segments; i++) {
            int lists = random.nextInt(4);
            listed.add(lists);
            rules.put("s" + i + " ingress", new ArrayList<>());
            rules.put("s" + i + " egress", new ArrayList<>());
        }
        for (int from = 0; from <= segments; from++) {
            for (int to = 1; to <= segments; to++) {
                if (random.nextInt(3) == 0) {
                    edge(from, to, listed);
                }
            }
        }
        write(listed);
    }

    String text() {
        return text.toString();
    }

    int segments() {
        return segments;
    }

    boolean allows(String from, String to, Transport transport, int port) {
        return allowed.contains(new Allowed(from, to, transport, port));
    }

    Set<Allowed> allowed() {
        return allowed;
    }

    private static boolean ingress(int lists) {
        return (lists & 1) != 0;
    }

    private static boolean egress(int lists) {
        return (lists & 2) != 0;
    }

    private void edge(int from, int to, List<Integer> listed) {
        String source = from == 0 ? "external" : "s" + from;
        boolean sends = from > 0 && egress(listed.get(from - 1));
        boolean receives = ingress(listed.get(to - 1));
        if (!sends && !receives) {
            return;
        }
        if (from > 0 && random.nextInt(6) == 0) {
            monitoring(source, "s" + to, sends, receives);
            return;
        }
        int kind = random.nextInt(5);
        String port = List.of("443", "8000-8010", "[22, 444]", "53", "443-445").get(kind);
        String protocol = List.of("TLS 1.3", "TCP", "UDP", "DNS", "mTLS").get(random.nextInt(5));
        String rest = ", port: " + port + ", protocol: " + protocol + "}";
        if (sends) {
            rule(source + " egress").add("{to: s" + to + rest);
        }
        if (receives) {
            rule("s" + to + " ingress").add("{from: " + source + rest);
        }
        for (int one : PORTS) {
            boolean in =
                    switch (kind) {
                        case 0 -> one == 443;
                        case 1 -> one >= 8000 && one <= 8010;
                        case 2 -> one == 22 || one == 444;
                        case 3 -> one == 53;
                        default -> one >= 443 && one <= 445;
                    };
            if (in && !protocol.equals("UDP")) {
                allowed.add(new Allowed(source, "s" + to, Transport.TCP, one));
            }
            if (in && (protocol.equals("UDP") || protocol.equals("DNS"))) {
                allowed.add(new Allowed(source, "s" + to, Transport.UDP, one));
            }
        }
    }

    private void monitoring(String from, String to, boolean sends, boolean receives) {
        boolean both = random.nextBoolean();
        if (sends && (both || !receives)) {
            rule(from + " egress").add("{to: {" + to + ": monitoring_only}}");
        } else if (receives) {
            rule(to + " ingress").add("{from: {" + from + ": monitoring_only}}");
        }
        allowed.add(new Allowed(from, to, Transport.TCP, 9090));
    }

    private List<String> rule(String list) {
        return java.util.Objects.requireNonNull(rules.get(list));
    }

    private void write(List<Integer> listed) {
        text.append("network_policy:\n");
        for (int i = 1; i <= segments; i++) {
            text.append("  s").append(i).append(":\n");
            if (ingress(listed.get(i - 1))) {
                list("s" + i, "ingress", null);
            }
            if (egress(listed.get(i - 1))) {
                list("s" + i, "egress", random.nextBoolean() ? "{to: {external: denied}}" : null);
            }
        }
        text.append("segments:\n");
        for (int i = 1; i <= segments; i++) {
            text.append("  s").append(i).append(": {cidrs: [").append("10.77.").append(i);
            text.append(random.nextInt(4) == 0 ? ".0/25, 10.77." + i + ".128/25" : ".0/24");
            text.append(", \"fd77:").append(i).append("::/64\"]");
            if (random.nextBoolean()) {
                text.append(", interfaces: v").append(i).append("-r");
            }
            text.append(", kubernetes: {namespace: n").append(random.nextInt(2));
            text.append(", labels: {app: s").append(i).append("}}}\n");
        }
    }

    private void list(String owner, String direction, @Nullable String more) {
        List<String> all = new ArrayList<>(rule(owner + " " + direction));
        if (more != null) {
            all.add(more);
        }
        text.append("    ").append(direction).append(all.isEmpty() ? ": []\n" : ":\n");
        all.forEach(rule -> text.append("      - ").append(rule).append('\n'));
    }
}

package atlas.segmentation.nftables;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.segmentation.Policies;
import atlas.segmentation.Target;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.target.Difference;
import atlas.segmentation.target.NotUnderstoodException;
import atlas.segmentation.target.Proof;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is changed about a ruleset, the proof notices. */
class WeakenedRulesetTest {
    private static AccessGraph graph = Policies.graph("network_policy: {a: {ingress: []}}");
    private static String text = "";

    record Change(String what, String from, String to, String shown) {
        @Override
        public String toString() {
            return what;
        }
    }

    @BeforeAll
    static void compiles() throws Exception {
        graph = Policies.graph(Policies.text("policies/full.yaml"));
        text = Target.NFTABLES.compile(graph).text();
    }

    static Stream<Change> changes() {
        return Stream.of(elements(), rules(), sources()).flatMap(all -> all);
    }

    private static Stream<Change> elements() {
        String storage = "10.77.2.0/24 . 10.77.3.0/24 . tcp . 8443";
        return Stream.of(
                new Change("a wider port", storage, storage + "-8500", "tcp/8444-8500"),
                new Change("another transport", storage, storage.replace("tcp", "udp"), "udp/8443"),
                new Change(
                        "a wider source",
                        storage,
                        storage.replace("2.0/24 .", "0.0/22 ."),
                        "tcp/8443"),
                new Change(
                        "one host more",
                        storage,
                        "10.9.9.9 . 10.77.3.0/24 . tcp . 8443",
                        "external"),
                new Change(
                        "a lost family",
                        "fd77:2::/64 . fd77:3::/64 . tcp . 8443 comment \"line 21\" : goto admit,",
                        "",
                        "closed"));
    }

    private static Stream<Change> rules() {
        return Stream.of(
                new Change(
                        "an accepting policy",
                        "hook forward priority filter; policy drop",
                        "hook forward priority filter; policy accept",
                        "same"),
                new Change(
                        "an open door",
                        "\t\tjump decide",
                        "\t\ttcp dport 22 accept\n\t\tjump decide",
                        "tcp/22"),
                new Change(
                        "a door for one",
                        "\t\tjump decide",
                        "\t\tip saddr 10.77.2.0/24 accept\n\t\tjump decide",
                        "open"),
                new Change(
                        "a door at times",
                        "\t\tjump decide",
                        "\t\tlimit rate 1/second accept\n\t\tjump decide",
                        "open"),
                new Change(
                        "ping",
                        "\t\tjump decide",
                        "\t\tmeta l4proto icmp accept\n\t\tjump decide",
                        "icmp"),
                new Change(
                        "no epoch",
                        "ct state established ct mark 0x",
                        "ct state established accept\n\t\tct state established ct mark 0x",
                        "of an earlier policy"),
                new Change(
                        "any direction",
                        "ct direction original ip saddr . ",
                        "ip saddr . ",
                        "a reply"),
                new Change(
                        "invalid packets",
                        "ct state invalid counter name \"invalid\" drop",
                        "ct state invalid accept",
                        "an invalid packet"),
                new Change(
                        "nothing decides",
                        "hook input priority filter; policy drop;\n\t\tiifname \"lo\" accept",
                        "hook input priority filter; policy accept;\n\t\taccept",
                        "input"));
    }

    private static Stream<Change> sources() {
        return Stream.of(
                new Change(
                        "no way back is fine",
                        "fib saddr . iif oif missing counter name \"spoofed\" drop\n",
                        "",
                        "no way back"),
                new Change(
                        "any interface",
                        "\t\tiifname != \"v2-r\" ip saddr 10.77.2.0/24 counter name \"spoofed\""
                                + " drop\n",
                        "",
                        "from interface"),
                new Change(
                        "everything at an interface",
                        "\t\tiifname \"v1-r\" ip saddr != 10.77.1.0/24 counter name \"spoofed\""
                                + " drop\n",
                        "",
                        "from interface"),
                new Change(
                        "egress",
                        "map flows4 {",
                        "map x4 {\n"
                                + "\t\ttype ipv4_addr : verdict\n"
                                + "\t\tflags interval\n"
                                + "\t\telements = { 1.1.1.1 : accept }\n"
                                + "\t}\n"
                                + "\tmap flows4 {",
                        "same"),
                new Change("a hole in the segments", "\t\t\t10.77.2.0/24,\n", "", "open"),
                new Change(
                        "any source for an offer",
                        "ip saddr != @segments4 ip daddr",
                        "ip daddr",
                        "open"));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void everyChangeIsNoticed(Change change) throws Exception {
        assertThat(text).contains(change.from());
        String changed = text.replace(change.from(), change.to());
        Proof proof = Target.NFTABLES.prove(changed, graph);
        if (change.shown().equals("same")) {
            // What no packet meets lets nothing through, and yet it was not compiled.
            assertThat(proof.holds()).isTrue();
        } else {
            assertThat(proof.holds()).isFalse();
            assertThat(proof.differences().stream().map(Difference::toString))
                    .anySatisfy(said -> assertThat(said).contains(change.shown()));
        }
        assertThat(Target.NFTABLES.drift(text, changed)).isNotEmpty();
        assertThat(Target.NFTABLES.drift(text, text)).isEmpty();
    }

    @Test
    void noLineCanBeLeftOut() throws Exception {
        List<String> lines = text.lines().toList();
        List<String> unnoticed = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            List<String> fewer = new ArrayList<>(lines);
            String line = fewer.remove(i).strip();
            // What only counts, comments or is checked by nft alone lets no packet pass.
            if (line.isEmpty()
                    || line.startsWith("#")
                    || line.matches(
                            "(type|flags|counter).*|table inet atlas|delete .*|.*log"
                                    + " prefix.*|.*\"denied\" drop|[{}]")) {
                continue;
            }
            try {
                if (Target.NFTABLES.prove(String.join("\n", fewer), graph).holds()) {
                    unnoticed.add(line);
                }
            } catch (NotUnderstoodException e) {
                assertThat(e).hasMessageContaining("`");
            }
        }
        // Marks are there to keep what is allowed going; without them connections only stall.
        assertThat(unnoticed)
                .allMatch(line ->
                        line.startsWith("ct mark set")
                                || line.contains(" ct mark ")
                                || line.contains("\"lo\" accept")
                                || line.contains("nd-neighbor")
                                || line.contains("ct state invalid"));
    }
}

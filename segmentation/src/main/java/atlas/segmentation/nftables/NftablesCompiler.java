package atlas.segmentation.nftables;

import atlas.core.crypto.Hashes;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.Block;
import atlas.segmentation.graph.Family;
import atlas.segmentation.graph.Flow;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.target.Compiled;
import atlas.segmentation.target.InexpressibleException;
import atlas.segmentation.target.Weakening;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One table for a router between the segments, for their hosts, or for both. Allowed flows are
 * elements of verdict maps; whatever is in no map is dropped, logged and counted.
 *
 * <p>The mark of an accepted connection is the epoch: a number that follows from the text. After a
 * policy changed, packets of older connections meet the maps again, so what was revoked ends at its
 * next packet. Reloading the same policy changes no mark and ends nothing.
 */
final class NftablesCompiler {
    private static final String EPOCH = "@EPOCH@";

    // They come from addresses of the link, or from none; without them no IPv6 address is found.
    private static final String NEIGHBOURS =
            "ip6 hoplimit 255 icmpv6 type { nd-router-solicit, nd-router-advert,"
                    + " nd-neighbor-solicit, nd-neighbor-advert } accept";

    private final AccessGraph graph;
    private final StringBuilder out = new StringBuilder(4096);

    private NftablesCompiler(AccessGraph graph) {
        this.graph = graph;
    }

    static Compiled compile(AccessGraph graph) throws InexpressibleException {
        requireAddresses(graph);
        return new NftablesCompiler(graph).compiled();
    }

    private static void requireAddresses(AccessGraph graph) throws InexpressibleException {
        Set<String> reasons = new LinkedHashSet<>();
        for (Flow flow : graph.flows()) {
            for (Segment end : List.of(flow.from(), flow.to())) {
                if (!end.isExternal() && end.blocks().isEmpty()) {
                    reasons.add(
                            "segment `"
                                    + end.name()
                                    + "` has no addresses, which nftables needs;"
                                    + " give them under `segments.NAME.cidrs`");
                }
            }
            boolean common =
                    flow.from().isExternal()
                            || List.of(Family.values()).stream()
                                    .anyMatch(family ->
                                            !flow.from().blocks(family).isEmpty()
                                                    && !flow.to().blocks(family).isEmpty());
            if (!common && reasons.isEmpty()) {
                reasons.add(
                        "`"
                                + flow
                                + "` joins segments without a common family of addresses; give"
                                + " both IPv4 or both IPv6 under `cidrs`");
            }
        }
        if (!reasons.isEmpty()) {
            throw new InexpressibleException(List.copyOf(reasons));
        }
    }

    private Compiled compiled() {
        List<Weakening> weakenings = weakenings();
        line("#!/usr/sbin/nft -f");
        line("# Network policy compiled by Atlas for nftables. Load it whole: nft -f atlas.nft");
        line("# is one transaction. Change the policy, not this file.");
        for (Weakening weakening : weakenings) {
            line("# weaker than the policy: " + weakening);
        }
        line("");
        line("table inet atlas");
        line("delete table inet atlas");
        line("");
        line("table inet atlas {");
        for (String counter : List.of("denied", "invalid", "spoofed")) {
            line("\tcounter " + counter + " {");
            line("\t}");
            line("");
        }
        for (Family family : Family.values()) {
            sets(family);
        }
        chains();
        line("}");
        String text = out.toString();
        return new Compiled(text.replace(EPOCH, epoch(text)), weakenings);
    }

    /** 32 bits of the text's digest, never 0: without a mark is of no epoch. */
    private static String epoch(String text) {
        byte[] digest = Hashes.sha256(text.getBytes(StandardCharsets.UTF_8)).bytes();
        return String.format("0x%08x", ByteBuffer.wrap(digest).getInt() | 0x8000_0000);
    }

    private List<Weakening> weakenings() {
        List<Weakening> weakenings = new ArrayList<>();
        for (Flow flow : graph.flows()) {
            if (flow.monitoring()) {
                weakenings.add(
                        new Weakening(
                                flow.toString(),
                                "monitoring_only is held to the port alone; that nothing but"
                                    + " metrics and health is read there, over mutual TLS 1.3, is"
                                    + " up to whoever listens"));
            } else if (flow.protocol().needsTls()) {
                weakenings.add(
                        new Weakening(
                                flow.toString(),
                                "TLS 1.3 is held to the port alone; that nothing older is spoken"
                                        + " there is up to whoever listens"));
            }
        }
        List<String> loose =
                graph.segments().values().stream()
                        .filter(s -> !s.blocks().isEmpty() && s.interfaces().isEmpty())
                        .map(Segment::name)
                        .toList();
        if (!loose.isEmpty()) {
            weakenings.add(
                    new Weakening(
                            String.join(", ", loose),
                            "a source address is held to the route back to it, not to an"
                                    + " interface; `interfaces` would"));
        }
        weakenings.add(
                new Weakening(
                        "within a segment",
                        "what does not pass this machine is not seen by it; load the table on the"
                                + " hosts, too"));
        return weakenings;
    }

    private void sets(Family family) {
        String suffix = family == Family.IPV4 ? "4" : "6";
        String type = family == Family.IPV4 ? "ipv4_addr" : "ipv6_addr";
        List<String> known = new ArrayList<>();
        for (Segment segment : graph.segments().values()) {
            for (Block block : segment.blocks(family)) {
                known.add(block.toString());
            }
        }
        line("\t# Every address of a segment; what is not in it is external.");
        block("set segments" + suffix, type, "", known);
        List<String> flows = new ArrayList<>();
        List<String> offers = new ArrayList<>();
        for (Flow flow : graph.flows()) {
            for (Block to : flow.to().blocks(family)) {
                String carried = " . " + flow.transport().lower() + " . " + flow.ports();
                String goes = " comment \"" + because(flow) + "\" : goto admit";
                if (flow.from().isExternal()) {
                    offers.add(to + carried + goes);
                }
                for (Block from : flow.from().blocks(family)) {
                    flows.add(from + " . " + to + carried + goes);
                }
            }
        }
        line("\t# From a segment to a segment.");
        block(
                "map flows" + suffix,
                type + " . " + type + " . inet_proto . inet_service : verdict",
                "\t\tcounter\n",
                flows);
        line("\t# From external to a segment.");
        block(
                "map offers" + suffix,
                type + " . inet_proto . inet_service : verdict",
                "\t\tcounter\n",
                offers);
    }

    private static String because(Flow flow) {
        List<String> lines =
                flow.origins().stream()
                        .map(origin -> Integer.toString(origin.line()))
                        .distinct()
                        .toList();
        return (lines.size() == 1 ? "line " : "lines ") + String.join(", ", lines);
    }

    private void block(String head, String type, String counter, List<String> elements) {
        line("\t" + head + " {");
        line("\t\ttype " + type);
        line("\t\tflags interval");
        out.append(counter);
        if (!elements.isEmpty()) {
            line("\t\telements = {");
            for (int i = 0; i < elements.size(); i++) {
                line("\t\t\t" + elements.get(i) + (i < elements.size() - 1 ? "," : ""));
            }
            line("\t\t}");
        }
        line("\t}");
        line("");
    }

    private void chains() {
        chain("admit", "ct mark set " + EPOCH + " accept");
        chain(
                "decide",
                "ct state invalid counter name \"invalid\" drop",
                "ct state established ct mark " + EPOCH + " accept",
                "ct state related meta l4proto { icmp, ipv6-icmp } ct mark " + EPOCH + " accept",
                "ct direction original ip saddr . ip daddr . meta l4proto . th dport vmap @flows4",
                "ct direction original ip6 saddr . ip6 daddr . meta l4proto . th dport vmap"
                        + " @flows6",
                "ct direction original ip saddr != @segments4"
                        + " ip daddr . meta l4proto . th dport vmap @offers4",
                "ct direction original ip6 saddr != @segments6"
                        + " ip6 daddr . meta l4proto . th dport vmap @offers6",
                "limit rate 10/second burst 20 packets log prefix \"atlas-denied \"",
                "counter name \"denied\" drop");
        List<String> spoofing = new ArrayList<>();
        spoofing.add("type filter hook prerouting priority raw; policy accept;");
        spoofing.add("iifname \"lo\" accept");
        spoofing.add(NEIGHBOURS);
        spoofing.add("fib saddr . iif oif missing counter name \"spoofed\" drop");
        for (Segment segment : graph.segments().values()) {
            interfaces(segment, spoofing);
        }
        chain("antispoof", spoofing.toArray(String[]::new));
        chain("forward", "type filter hook forward priority filter; policy drop;", "jump decide");
        chain(
                "input",
                "type filter hook input priority filter; policy drop;",
                "iifname \"lo\" accept",
                NEIGHBOURS,
                "jump decide");
        chain(
                "output",
                "type filter hook output priority filter; policy drop;",
                "oifname \"lo\" accept",
                NEIGHBOURS,
                "jump decide");
        out.setLength(out.length() - 1);
    }

    /** A segment's addresses come from its interfaces, and nothing else does. */
    private static void interfaces(Segment segment, List<String> rules) {
        if (segment.interfaces().isEmpty()) {
            return;
        }
        String names = braces(segment.interfaces().stream().map(name -> '"' + name + '"').toList());
        for (Family family : Family.values()) {
            List<String> blocks =
                    new ArrayList<>(segment.blocks(family).stream().map(Block::toString).toList());
            String ip = family == Family.IPV4 ? "ip" : "ip6";
            if (!blocks.isEmpty()) {
                rules.add(
                        "iifname != "
                                + names
                                + " "
                                + ip
                                + " saddr "
                                + braces(blocks)
                                + " counter name \"spoofed\" drop");
            }
            rules.add(
                    "iifname "
                            + names
                            + (blocks.isEmpty()
                                    ? " meta nfproto ipv4"
                                    : " " + ip + " saddr != " + braces(blocks))
                            + " counter name \"spoofed\" drop");
        }
    }

    private static String braces(List<String> values) {
        return values.size() == 1 ? values.getFirst() : "{ " + String.join(", ", values) + " }";
    }

    private void chain(String name, String... rules) {
        line("\tchain " + name + " {");
        for (String rule : rules) {
            line("\t\t" + rule);
        }
        line("\t}");
        line("");
    }

    private void line(String text) {
        out.append(text).append('\n');
    }
}

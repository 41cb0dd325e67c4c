package atlas.segmentation.probe;

import atlas.core.Cidr;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.AccessGraph.Verdict;
import atlas.segmentation.graph.Block;
import atlas.segmentation.graph.Flow;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.graph.Transport;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What there is to try from one segment: every other, on every port that the policy knows. */
public final class Matrix {
    /** Ports that are tried though no rule names them: what an intruder tries first. */
    private static final List<Integer> ALWAYS = List.of(22, 53, 80, 443);

    private Matrix() {}

    /**
     * The attempts, by segment, address, transport and port.
     *
     * @param hosts addresses known to be there, by segment; {@code external} has none unless given
     * @param own addresses of this machine, which are not tried
     */
    public static List<Attempt> from(
            AccessGraph graph,
            Segment from,
            Map<String, List<String>> hosts,
            Collection<Integer> more,
            Collection<String> own) {
        Set<Cidr> here = new HashSet<>();
        own.forEach(address -> here.add(Cidr.parse(address)));
        TreeSet<Integer> ports = new TreeSet<>(ALWAYS);
        ports.addAll(more);
        for (Flow flow : graph.flows()) {
            ports.add(flow.ports().first());
            ports.add(flow.ports().last());
        }
        List<Segment> all = new ArrayList<>(graph.segments().values());
        all.add(Segment.external());
        List<Attempt> attempts = new ArrayList<>();
        for (Segment to : all) {
            Map<String, Boolean> addresses =
                    addresses(to, hosts.getOrDefault(to.name(), List.of()));
            addresses.forEach((address, certain) -> {
                if (here.contains(Cidr.parse(address))) {
                    return;
                }
                for (Transport transport : Transport.values()) {
                    for (int port : ports) {
                        boolean allowed =
                                graph.decide(from, to, transport, port) instanceof Verdict.Allowed;
                        attempts.add(
                                new Attempt(to.name(), address, transport, port, allowed, certain));
                    }
                }
            });
        }
        return attempts;
    }

    /** Those given, those of the file, or the first of each block; whether something is there. */
    private static Map<String, Boolean> addresses(Segment segment, List<String> given) {
        Map<String, Boolean> addresses = new LinkedHashMap<>();
        given.forEach(address -> addresses.put(address, true));
        if (given.isEmpty()) {
            segment.hosts().forEach(address -> addresses.put(address, true));
        }
        if (!addresses.isEmpty()) {
            return addresses;
        }
        for (Block block : segment.blocks()) {
            boolean single = block.first().equals(block.last());
            BigInteger address = single ? block.first() : block.first().add(BigInteger.ONE);
            addresses.put(literal(address, block), single);
        }
        return addresses;
    }

    private static String literal(BigInteger address, Block block) {
        byte[] number = address.toByteArray();
        byte[] bytes = new byte[block.family().bits() / 8];
        for (int i = 0; i < bytes.length && i < number.length; i++) {
            bytes[bytes.length - 1 - i] = number[number.length - 1 - i];
        }
        try {
            String text = Cidr.parse(InetAddress.getByAddress(bytes).getHostAddress()).toString();
            return text.substring(0, text.indexOf('/'));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}

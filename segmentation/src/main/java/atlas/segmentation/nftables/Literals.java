package atlas.segmentation.nftables;

import atlas.core.Cidr;
import atlas.segmentation.graph.Block;
import atlas.segmentation.graph.Ports;
import atlas.segmentation.graph.Transport;
import atlas.segmentation.nftables.Ruleset.Field;
import atlas.segmentation.target.Carried;
import atlas.segmentation.target.NotUnderstoodException;
import atlas.segmentation.target.Range;
import java.util.Map;
import java.util.Set;

/** Addresses, ports and protocols as a ruleset writes them. */
final class Literals {
    private static final Map<String, Integer> SERVICES =
            Map.of("ssh", 22, "domain", 53, "http", 80, "ntp", 123, "https", 443);

    private static final Set<String> PROTOCOLS =
            Set.of("tcp", "udp", "icmp", "icmpv6", "ipv6-icmp");

    private Literals() {}

    /** A field of an element; what it is can be told by its look. */
    static Field field(String word, Tokens tokens) throws NotUnderstoodException {
        if (PROTOCOLS.contains(word)) {
            return new Field.Numbers(protocol(word, tokens));
        }
        if (word.indexOf(':') >= 0 || word.indexOf('.') >= 0) {
            return new Field.Addresses(range(word, tokens));
        }
        return new Field.Numbers(ports(word, tokens));
    }

    static Carried protocol(String word, Tokens tokens) throws NotUnderstoodException {
        return switch (word) {
            case "tcp" -> Carried.of(Transport.TCP);
            case "udp" -> Carried.of(Transport.UDP);
            case "icmp", "icmpv6", "ipv6-icmp" -> Carried.ANY_ICMP;
            default -> throw tokens.unknown(word);
        };
    }

    /** These ports over TCP and UDP; port 0 is in no run of anything compiled. */
    static Carried ports(String word, Tokens tokens) throws NotUnderstoodException {
        try {
            int dash = word.indexOf('-');
            Integer service = SERVICES.get(word);
            int first =
                    service != null
                            ? service
                            : Integer.parseInt(dash < 0 ? word : word.substring(0, dash));
            int last =
                    dash < 0 || service != null
                            ? first
                            : Integer.parseInt(word.substring(dash + 1));
            Ports ports = new Ports(Math.max(1, first), last);
            return Carried.of(Transport.TCP, ports).or(Carried.of(Transport.UDP, ports));
        } catch (IllegalArgumentException e) {
            throw tokens.unknown(word);
        }
    }

    /** {@code 10.0.0.0/8}, {@code 10.0.0.1}, {@code 10.0.0.1-10.0.0.9}. */
    static Range range(String word, Tokens tokens) throws NotUnderstoodException {
        try {
            int dash = word.indexOf('-');
            Block first = Block.of(Cidr.parse(dash < 0 ? word : word.substring(0, dash)));
            Block last = dash < 0 ? first : Block.of(Cidr.parse(word.substring(dash + 1)));
            if (first.family() != last.family() || first.first().compareTo(last.last()) > 0) {
                throw tokens.unknown(word);
            }
            return new Range(first.family(), first.first(), last.last());
        } catch (IllegalArgumentException e) {
            throw tokens.unknown(word);
        }
    }
}

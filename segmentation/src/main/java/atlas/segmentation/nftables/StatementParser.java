package atlas.segmentation.nftables;

import atlas.segmentation.graph.Family;
import atlas.segmentation.graph.Transport;
import atlas.segmentation.nftables.Ruleset.Key;
import atlas.segmentation.nftables.Ruleset.Statement;
import atlas.segmentation.nftables.Ruleset.Verdict;
import atlas.segmentation.target.Carried;
import atlas.segmentation.target.NotUnderstoodException;
import atlas.segmentation.target.Range;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the statements of a rule. */
final class StatementParser {
    private static final Carried EITHER = Carried.of(Transport.TCP).or(Carried.of(Transport.UDP));

    private final Tokens tokens;

    StatementParser(Tokens tokens) {
        this.tokens = tokens;
    }

    /** One statement; some say two things. */
    List<Statement> statement() throws NotUnderstoodException {
        String word = tokens.next();
        return switch (word) {
            case "accept", "drop", "reject", "return", "jump", "goto" -> {
                Verdict verdict = verdict(word);
                while (word.equals("reject") && !tokens.atEnd()) {
                    tokens.next();
                }
                yield List.of(new Statement.Decides(verdict));
            }
            case "counter" -> {
                packets();
                yield List.of(new Statement.Notes("counter"));
            }
            case "comment" -> {
                tokens.next();
                yield List.of();
            }
            case "log" -> List.of(log());
            case "limit" -> List.of(limit());
            case "iifname", "oifname", "iif", "oif" -> List.of(interfaces(word));
            case "ct" -> List.of(connection());
            case "fib" -> {
                for (String part : List.of("saddr", ".", "iif", "oif", "missing")) {
                    tokens.expect(part);
                }
                yield List.of(new Statement.NoWayBack());
            }
            case "icmpv6", "icmp" -> List.of(icmp(word));
            case "ip", "ip6", "meta", "tcp", "udp", "th" -> header(word);
            default -> throw tokens.unknown(word);
        };
    }

    /** What follows {@code counter}: a name, the counts so far, or nothing. */
    void packets() throws NotUnderstoodException {
        if (tokens.take("name")) {
            tokens.next();
        } else if (tokens.take("packets")) {
            tokens.next();
            tokens.expect("bytes");
            tokens.next();
        }
    }

    Verdict verdict(String word) throws NotUnderstoodException {
        return switch (word) {
            case "accept" -> new Verdict(Verdict.Kind.ACCEPT, "");
            case "drop", "reject" -> new Verdict(Verdict.Kind.DROP, "");
            case "return" -> new Verdict(Verdict.Kind.RETURN, "");
            case "jump" -> new Verdict(Verdict.Kind.JUMP, tokens.next());
            case "goto" -> new Verdict(Verdict.Kind.GOTO, tokens.next());
            default -> throw tokens.unknown(word);
        };
    }

    private Statement log() throws NotUnderstoodException {
        while (List.of("prefix", "level", "group", "flags").contains(tokens.peek())) {
            tokens.next();
            tokens.next();
        }
        return new Statement.Notes("log");
    }

    private Statement limit() throws NotUnderstoodException {
        StringBuilder what = new StringBuilder("limit");
        while (List.of("rate", "over", "burst", "packets", "bytes").contains(tokens.peek())
                || tokens.peek().matches("[0-9]+(/(second|minute|hour|day))?")) {
            what.append(' ').append(tokens.next());
        }
        return new Statement.Perhaps(what.toString());
    }

    private Statement interfaces(String word) throws NotUnderstoodException {
        boolean negated = tokens.take("!=");
        Set<String> names = new HashSet<>();
        for (String name : values()) {
            if (name.startsWith("@") || name.contains("*")) {
                throw tokens.unknown(name);
            }
            names.add(Tokens.bare(name));
        }
        return new Statement.Interface(word.startsWith("i"), negated, Set.copyOf(names));
    }

    private Statement connection() throws NotUnderstoodException {
        String what = tokens.next();
        switch (what) {
            case "state" -> {
                return new Statement.ConnectionState(Set.copyOf(new HashSet<>(values())));
            }
            case "direction" -> {
                String direction = tokens.next();
                if (!direction.equals("original") && !direction.equals("reply")) {
                    throw tokens.unknown(direction);
                }
                return new Statement.Direction(direction.equals("original"));
            }
            case "mark" -> {
                boolean sets = tokens.take("set");
                long mark = mark(tokens.next());
                return sets ? new Statement.SetMark(mark) : new Statement.ConnectionMark(mark);
            }
            default -> throw tokens.unknown(what);
        }
    }

    private long mark(String word) throws NotUnderstoodException {
        try {
            return Long.decode(word);
        } catch (NumberFormatException e) {
            throw tokens.unknown(word);
        }
    }

    private Statement icmp(String word) throws NotUnderstoodException {
        tokens.expect("type");
        boolean discovery =
                word.equals("icmpv6") && values().stream().allMatch(type -> type.startsWith("nd-"));
        if (!discovery) {
            throw tokens.unknown(word);
        }
        return new Statement.Carries(Carried.NEIGHBOUR_DISCOVERY);
    }

    /** A field of a header: matched against values, or joined with others and looked up. */
    private List<Statement> header(String word) throws NotUnderstoodException {
        String field = tokens.next();
        Optional<Family> family = family(word);
        if (word.equals("meta") && field.equals("nfproto")) {
            Family of = tokens.peek().equals("ipv4") ? Family.IPV4 : Family.IPV6;
            if (!tokens.take("ipv4") && !tokens.take("ipv6")) {
                throw tokens.unknown(tokens.peek());
            }
            return List.of(new Statement.OfFamily(of));
        }
        if (word.equals("ip6") && field.equals("hoplimit")) {
            return List.of(
                    new Statement.OfFamily(Family.IPV6),
                    new Statement.Perhaps("hoplimit " + tokens.next()));
        }
        Key key = key(word, field);
        if (tokens.peek().equals(".") || tokens.peek().equals("vmap")) {
            return List.of(lookup(family, key));
        }
        boolean negated = tokens.take("!=");
        if (key == Key.SOURCE || key == Key.DESTINATION) {
            return List.of(address(family.orElseThrow(), key, negated));
        }
        Carried matched = Carried.NOTHING;
        for (String value : values()) {
            matched =
                    matched.or(
                            key == Key.PORT
                                    ? Literals.ports(value, tokens)
                                    : Literals.protocol(value, tokens));
        }
        if (key == Key.PORT) {
            // A header's port is matched where there is that header.
            Carried has =
                    switch (word) {
                        case "tcp" -> Carried.of(Transport.TCP);
                        case "udp" -> Carried.of(Transport.UDP);
                        default -> EITHER;
                    };
            matched = negated ? has.without(matched) : has.and(matched);
        } else if (negated) {
            matched = Carried.EVERYTHING.without(matched);
        }
        List<Statement> both = new ArrayList<>();
        family.ifPresent(of -> both.add(new Statement.OfFamily(of)));
        both.add(new Statement.Carries(matched));
        return both;
    }

    private static Optional<Family> family(String word) {
        return switch (word) {
            case "ip" -> Optional.of(Family.IPV4);
            case "ip6" -> Optional.of(Family.IPV6);
            default -> Optional.empty();
        };
    }

    private Key key(String word, String field) throws NotUnderstoodException {
        return switch (word + " " + field) {
            case "ip saddr", "ip6 saddr" -> Key.SOURCE;
            case "ip daddr", "ip6 daddr" -> Key.DESTINATION;
            case "meta l4proto", "ip protocol", "ip6 nexthdr" -> Key.PROTOCOL;
            case "th dport", "tcp dport", "udp dport" -> Key.PORT;
            default -> throw tokens.unknown(word + " " + field);
        };
    }

    private Statement lookup(Optional<Family> first, Key key) throws NotUnderstoodException {
        Optional<Family> family = first;
        List<Key> keys = new ArrayList<>(List.of(key));
        while (tokens.take(".")) {
            String word = tokens.next();
            keys.add(key(word, tokens.next()));
            Optional<Family> of = family(word);
            if (of.isPresent() && family.isPresent() && !of.equals(family)) {
                throw tokens.unknown(word);
            }
            family = family.or(() -> of);
        }
        tokens.expect("vmap");
        String map = tokens.next();
        if (!map.startsWith("@") || family.isEmpty()) {
            throw tokens.unknown(map);
        }
        return new Statement.Lookup(family.get(), List.copyOf(keys), map.substring(1));
    }

    private Statement address(Family family, Key key, boolean negated)
            throws NotUnderstoodException {
        List<Range> ranges = new ArrayList<>();
        String set = "";
        for (String value : values()) {
            if (value.startsWith("@")) {
                set = value.substring(1);
                continue;
            }
            Range range = Literals.range(value, tokens);
            if (range.family() != family) {
                throw tokens.unknown(value);
            }
            ranges.add(range);
        }
        return new Statement.Address(family, key == Key.SOURCE, negated, List.copyOf(ranges), set);
    }

    /** One value, several with commas, or several in braces. */
    private List<String> values() throws NotUnderstoodException {
        List<String> values = new ArrayList<>();
        boolean braces = tokens.take("{");
        do {
            if (braces) {
                tokens.skipLines();
                if (tokens.peek().equals("}")) {
                    break;
                }
            }
            values.add(tokens.next());
            if (braces) {
                tokens.skipLines();
            }
        } while (tokens.take(","));
        if (braces) {
            tokens.expect("}");
        }
        return values;
    }
}

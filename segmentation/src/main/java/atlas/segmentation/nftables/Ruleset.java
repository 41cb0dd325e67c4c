package atlas.segmentation.nftables;

import atlas.segmentation.graph.Family;
import atlas.segmentation.target.Carried;
import atlas.segmentation.target.Range;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** A table as it was read: its named sets and maps, and its chains. */
record Ruleset(SequencedMap<String, Elements> elements, SequencedMap<String, Chain> chains) {
    /** A set of addresses, or a map from concatenated fields to verdicts. */
    record Elements(String type, boolean map, List<Element> list) {}

    /** One element; a set's has one field and no verdict. */
    record Element(List<Field> fields, Optional<Verdict> verdict) {}

    sealed interface Field {
        record Addresses(Range range) implements Field {}

        record Numbers(Carried carried) implements Field {}
    }

    record Chain(String name, Optional<Hook> hook, List<Rule> rules) {}

    record Hook(String hook, String priority, boolean accepts) {}

    record Rule(int line, List<Statement> statements) {}

    record Verdict(Kind kind, String chain) {
        enum Kind {
            ACCEPT,
            DROP,
            JUMP,
            GOTO,
            RETURN
        }
    }

    /** What a map is asked for. */
    enum Key {
        SOURCE,
        DESTINATION,
        PROTOCOL,
        PORT
    }

    sealed interface Statement {
        /** Addresses by ranges, or by a named set when there are none. */
        record Address(
                Family family, boolean source, boolean negated, List<Range> ranges, String set)
                implements Statement {}

        record Carries(Carried carried) implements Statement {}

        record OfFamily(Family family) implements Statement {}

        record Interface(boolean incoming, boolean negated, Set<String> names)
                implements Statement {}

        record ConnectionState(Set<String> states) implements Statement {}

        record ConnectionMark(long mark) implements Statement {}

        record Direction(boolean original) implements Statement {}

        /** No route leads back to the source through where the packet came from. */
        record NoWayBack() implements Statement {}

        /** Matches at times, by what is not followed here. */
        record Perhaps(String what) implements Statement {}

        record SetMark(long mark) implements Statement {}

        /** Counts or logs. */
        record Notes(String what) implements Statement {}

        record Lookup(Family family, List<Key> keys, String map) implements Statement {}

        record Decides(Verdict verdict) implements Statement {}
    }
}

package atlas.policy.cedar;

import atlas.policy.Rulebook.Entry;
import java.util.Set;

/**
 * One checked policy.
 *
 * @param source as the file has it
 * @param reads what its conditions look at
 */
record Rule(Entry entry, String source, Head head, Set<Fact> reads) {
    private static final String REQUEST = "context.request.";

    String id() {
        return entry.id();
    }

    /** Whether its conditions look at what an inference request asks for. */
    boolean readsRequest() {
        return reads.stream().anyMatch(fact -> fact.dotted().startsWith(REQUEST));
    }

    boolean forbids() {
        return entry.effect().equals("forbid");
    }
}

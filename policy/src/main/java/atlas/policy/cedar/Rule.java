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
    String id() {
        return entry.id();
    }

    boolean forbids() {
        return entry.effect().equals("forbid");
    }
}

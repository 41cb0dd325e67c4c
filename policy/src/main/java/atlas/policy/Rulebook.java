package atlas.policy;

import atlas.core.Role;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A policy file as it is in force: checked, immutable, thread-safe. Judging never blocks and never
 * throws to say no; a fault of the engine is a {@link PolicyException}.
 */
public interface Rulebook {

    /** No policy file: silent about everything. */
    Rulebook NONE = new NoRulebook();

    /** The first half of its SHA-256, in hex; empty for none. */
    String version();

    /** The file as it was written. */
    String text();

    /** Its policies in the order of the file. */
    List<Entry> entries();

    /** What each custom role it names may be permitted at most, whatever the conditions say. */
    Map<Role, Set<Action>> customRoles();

    /** What it says. */
    Judgement judge(Question question);

    /** Every policy whose head fits the question, each asked by itself; slow, for people. */
    List<Consideration> consider(Question question);

    /** Forgets the answers given; the next ones are worked out afresh. */
    void forget();

    /**
     * One policy.
     *
     * @param line where it begins
     * @param effect {@code permit} or {@code forbid}
     * @param annotations what its author says of it, its id included
     */
    record Entry(String id, int line, String effect, Map<String, String> annotations) {
        public Entry {
            annotations = Map.copyOf(annotations);
        }
    }

    /**
     * What one policy contributes to an answer.
     *
     * @param outcome {@code applies}, {@code does not apply}, or why that could not be told
     * @param read what its conditions look at, with the values they saw
     */
    record Consideration(Entry policy, String outcome, Map<String, String> read) {
        public Consideration {
            read = Map.copyOf(read);
        }

        /** Whether its conditions hold. */
        public boolean applies() {
            return outcome.equals("applies");
        }
    }
}

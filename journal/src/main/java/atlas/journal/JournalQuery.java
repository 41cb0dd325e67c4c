package atlas.journal;

import java.time.Instant;
import java.util.Optional;

/**
 * What to look for; everything that is present must hold.
 *
 * @param model the model's name
 * @param outcome {@code ok}, {@code filtered}, {@code cancelled}, {@code revoked}, {@code failed},
 *     {@code denied}, {@code refused}, {@code allowed} or {@code done}
 * @param text occurs in the entry's JSON, upper and lower case alike
 * @param afterIndex begin after this entry in the direction of the search; -1 begins at its start
 * @param limit the most entries to return, 1 to 10,000
 */
public record JournalQuery(
        Optional<String> kind,
        Optional<String> principal,
        Optional<String> requestId,
        Optional<String> model,
        Optional<String> outcome,
        Optional<String> text,
        Optional<Instant> since,
        Optional<Instant> until,
        long afterIndex,
        int limit,
        boolean newestFirst) {
    public JournalQuery {
        if (limit < 1 || limit > 10_000) {
            throw new IllegalArgumentException("a search returns 1 to 10000 entries");
        }
    }

    /** Everything, newest first. */
    public static JournalQuery newest(int limit) {
        return new JournalQuery(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                -1,
                limit,
                true);
    }

    /** Everything of one kind after an index, oldest first. */
    public static JournalQuery ofKind(String kind, long afterIndex, int limit) {
        return new JournalQuery(
                Optional.of(kind),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                afterIndex,
                limit,
                false);
    }

    /** Everything about one request, oldest first. */
    public static JournalQuery request(String requestId) {
        return new JournalQuery(
                Optional.empty(),
                Optional.empty(),
                Optional.of(requestId),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                -1,
                10_000,
                false);
    }
}

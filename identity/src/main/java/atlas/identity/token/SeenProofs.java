package atlas.identity.token;

import atlas.core.crypto.Hashes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Proofs that were used, so that none is used twice. Remembers each at least as long as it could be
 * accepted, in two generations; when a generation is full nothing more is accepted, and one key
 * cannot fill it for the others. Thread-safe.
 */
final class SeenProofs {
    /** What came of it. */
    enum Verdict {
        FIRST,
        REPLAYED,
        /** There is no room to remember it, so it cannot be accepted. */
        FULL
    }

    private record Mark(long high, long low) {}

    private final Duration window;
    private final int limit;
    private final int limitPerKey;

    private Set<Mark> young = new HashSet<>();
    private Set<Mark> old = new HashSet<>();
    private Map<String, Integer> uses = new HashMap<>();
    private Instant turn = Instant.EPOCH;

    /**
     * @param window the time in which one proof could be accepted
     * @param limit proofs remembered of one window
     * @param limitPerKey of these, by one key
     */
    SeenProofs(Duration window, int limit, int limitPerKey) {
        this.window = window;
        this.limit = limit;
        this.limitPerKey = limitPerKey;
    }

    synchronized Verdict use(String thumbprint, String id, Instant now) {
        turn(now);
        Mark mark = mark(thumbprint, id);
        if (young.contains(mark) || old.contains(mark)) {
            return Verdict.REPLAYED;
        }
        if (young.size() >= limit || uses.getOrDefault(thumbprint, 0) >= limitPerKey) {
            return Verdict.FULL;
        }
        young.add(mark);
        uses.merge(thumbprint, 1, Integer::sum);
        return Verdict.FIRST;
    }

    private void turn(Instant now) {
        if (now.isBefore(turn)) {
            return;
        }
        boolean bothOver = !now.isBefore(turn.plus(window));
        old = bothOver ? new HashSet<>() : young;
        young = new HashSet<>();
        uses = new HashMap<>();
        turn = now.plus(window);
    }

    private static Mark mark(String thumbprint, String id) {
        byte[] digest =
                Hashes.sha256().digest((thumbprint + "\n" + id).getBytes(StandardCharsets.UTF_8));
        ByteBuffer bytes = ByteBuffer.wrap(digest);
        return new Mark(bytes.getLong(), bytes.getLong());
    }
}

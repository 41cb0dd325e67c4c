package atlas.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Follows the numbers of each emitter while entries are brought into the tree, so that a gap is
 * told of when it is made and not when somebody verifies. Where an emitter stood before this was
 * opened is learned from its next entry. Thread-safe.
 */
final class Gaps {
    /** Emitters followed at once; each start of a member of a shared log is another one. */
    private static final int MOST_EMITTERS = 16_384;

    private static final int MOST_KEPT = 1000;
    private static final int EMITTER = 2 + Envelope.ID_BYTES;
    private static final int SEQUENCE = EMITTER + Envelope.ID_BYTES;

    private final List<Consumer<EmitterGap>> listeners = new CopyOnWriteArrayList<>();

    /** Guarded by this: the next number of each, the one heard of longest ago first. */
    private final Map<ByteBuffer, Long> next =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Long> eldest) {
                    return size() > MOST_EMITTERS;
                }
            };

    /** Guarded by this. */
    private final List<EmitterGap> found = new ArrayList<>();

    /** Guarded by this. */
    private long count;

    /** Guarded by this: whose entry came last, for nearly all are of the same, and its next. */
    private byte[] last = {};

    private long lastNext;

    /** Takes note of the next entry of the log. */
    synchronized void saw(long index, byte[] entry) {
        long sequence = ByteBuffer.wrap(entry).getLong(SEQUENCE);
        if (!Arrays.equals(entry, EMITTER, SEQUENCE, last, 0, last.length)) {
            if (last.length > 0) {
                next.put(ByteBuffer.wrap(last), lastNext);
            }
            last = Arrays.copyOfRange(entry, EMITTER, SEQUENCE);
            lastNext = next.getOrDefault(ByteBuffer.wrap(last), sequence);
        }
        if (sequence != lastNext) {
            tell(new EmitterGap(index, HexFormat.of().formatHex(last), lastNext, sequence));
        }
        lastNext = sequence + 1;
    }

    // Holds the lock.
    private void tell(EmitterGap gap) {
        count++;
        if (found.size() < MOST_KEPT) {
            found.add(gap);
        }
        // What listeners do is theirs: it must not hold up the tree.
        Thread.startVirtualThread(() -> listeners.forEach(listener -> listener.accept(gap)));
    }

    /** Tells of every gap, those found already first. */
    synchronized void onGap(Consumer<EmitterGap> listener) {
        List<EmitterGap> before = List.copyOf(found);
        listeners.add(listener);
        if (!before.isEmpty()) {
            Thread.startVirtualThread(() -> before.forEach(listener));
        }
    }

    /** How many were found since the journal was opened. */
    synchronized long count() {
        return count;
    }

    /** The first of them. */
    synchronized List<EmitterGap> found() {
        return List.copyOf(found);
    }
}

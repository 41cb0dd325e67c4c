package atlas.journal;

import atlas.core.AuditEvent;
import atlas.core.AuditLog.Receipt;
import atlas.core.AuditUnavailableException;
import atlas.journal.search.IndexKey;
import atlas.journal.search.Terms;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** A fact, sealed, on its way to the disk. */
final class Pending {
    final AuditEvent event;
    final Terms terms;
    final byte[] recordId;
    final Instant when;
    final Payload payload;

    /** {@link System#nanoTime} after which its writer is told no. */
    final long deadline;

    final CompletableFuture<Receipt> future = new CompletableFuture<>();
    private final AtomicBoolean claimed = new AtomicBoolean();

    Pending(
            AuditEvent event,
            Terms terms,
            byte[] recordId,
            Instant when,
            Payload payload,
            long deadline) {
        this.event = event;
        this.terms = terms;
        this.recordId = recordId;
        this.when = when;
        this.payload = payload;
        this.deadline = deadline;
    }

    /**
     * What goes into the entry: the sealed bytes, or the hash of those kept apart.
     *
     * @param cost what it was reserved as in the {@link Intake}
     */
    record Payload(
            String keyLabel,
            byte[] commitment,
            byte[] bytes,
            int sealedLength,
            boolean blob,
            int cost) {}

    /** Bytes of the entry it becomes. */
    int entryLength() {
        return Envelope.encodedLength(
                payload.keyLabel().length(), payload.commitment().length, payload.bytes().length);
    }

    /** What it is found by; as little as its own entry says, when its key went meanwhile. */
    Terms termsUnder(SubjectKeys keys, IndexKey index) {
        return keys.gone(payload.keyLabel()) ? SearchKeys.ERASED.blind(index, when) : terms;
    }

    /** Claims the entry for the disk, or for refusal; exactly one caller gets it. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    boolean overdue(long now) {
        return now - deadline > 0;
    }

    void refuse(String why) {
        future.completeExceptionally(new AuditUnavailableException(why, null));
    }

    /** The entry's bytes, once its place in its emitter's sequence is known. */
    byte[] entry(byte[] emitter, long sequence, byte[] previous) {
        return new Envelope(
                        recordId,
                        emitter,
                        sequence,
                        previous,
                        when,
                        payload.keyLabel(),
                        payload.commitment(),
                        payload.sealedLength(),
                        payload.bytes(),
                        payload.blob())
                .encode();
    }
}

package atlas.core;

import java.util.concurrent.CompletableFuture;

/**
 * The port through which anything is recorded. What must be recorded before it is done waits for
 * the receipt; without one it is not done.
 *
 * <p>Implementations are thread-safe. Order of entries is order of acceptance.
 */
public interface AuditLog {

    /**
     * Records a fact; the future completes when it is durable, and fails with {@link
     * AuditUnavailableException} when it cannot be recorded in time. Never blocks on I/O.
     */
    CompletableFuture<Receipt> submit(AuditEvent event);

    /**
     * Records a fact and waits until it is durable.
     *
     * @throws AuditUnavailableException when it cannot be recorded; the caller must then not act
     */
    default Receipt append(AuditEvent event) {
        try {
            return submit(event).join();
        } catch (java.util.concurrent.CompletionException e) {
            if (e.getCause() instanceof AuditUnavailableException unavailable) {
                throw unavailable;
            }
            throw new AuditUnavailableException(
                    "the journal failed", e.getCause() == null ? e : e.getCause());
        }
    }

    /**
     * Proof that a fact is in the log.
     *
     * @param index position of the entry, from 0
     * @param leafHash RFC 6962 leaf hash of the entry
     */
    record Receipt(long index, Digest leafHash) {}
}

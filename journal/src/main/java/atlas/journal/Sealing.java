package atlas.journal;

import atlas.core.AuditEvent;
import atlas.core.crypto.Hashes;
import atlas.core.json.ReceiptStatement;
import atlas.journal.search.Terms;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** Seals facts on their writers' threads. Thread-safe. */
final class Sealing {
    private final JournalConfig config;
    private final JournalKeys keys;
    private final Clock clock;
    private final Ground ground;
    private final SecureRandom random = new SecureRandom();

    Sealing(JournalConfig config, JournalKeys keys, Clock clock, Ground ground) {
        this.config = config;
        this.keys = keys;
        this.clock = clock;
        this.ground = ground;
    }

    /** A fact on its way, and its sealed bytes, which may be kept apart. */
    record Sealed(Pending pending, byte[] bytes) {}

    /**
     * Seals a fact under the key of its subject; what its receipt will say is committed to. What
     * keys were destroyed must be known when the keys are lost: that lies under the vault's own.
     * What a checker has to demand is not sealed at all.
     */
    Sealed seal(AuditEvent event, byte[] json) {
        byte[] recordId = new byte[Envelope.ID_BYTES];
        random.nextBytes(recordId);
        Instant when = clock.instant();
        Envelope.Draft draft = new Envelope.Draft(config.origin(), recordId, when);
        byte[] sealed;
        if (event instanceof AuditEvent.LogChartered) {
            return made(event, draft, json.length, Envelope.IN_THE_OPEN, json);
        }
        if (event instanceof AuditEvent.SubjectErased) {
            sealed = keys.entries().seal(json, draft.underVaultKey());
            return made(event, draft, json.length, Envelope.VAULT_KEY, sealed);
        }
        SubjectKeys.Current with = ground.subjects().current(Subject.of(event), when);
        Optional<byte[]> statement = ReceiptStatement.of(event, with.pseudonym());
        byte[] plain = json;
        if (statement.isPresent()) {
            byte[] salt = new byte[Committed.SALT_BYTES];
            random.nextBytes(salt);
            Committed committed = new Committed(salt, statement.get(), json);
            plain = committed.encode();
            draft = draft.with(committed.commitment());
        }
        sealed = with.key().seal(plain, draft.underSubjectKey());
        return made(event, draft, json.length, with.key().label(), sealed);
    }

    private Sealed made(
            AuditEvent event, Envelope.Draft draft, int cost, String label, byte[] sealed) {
        boolean blob = sealed.length > Envelope.LARGEST_INLINE;
        Pending.Payload payload =
                new Pending.Payload(
                        label,
                        draft.commitment(),
                        blob ? Hashes.sha256(sealed).bytes() : sealed,
                        sealed.length,
                        blob,
                        cost);
        long deadline = System.nanoTime() + config.deadline().toNanos();
        Terms terms = SearchKeys.of(event).blind(ground.indexKey(), draft.when());
        return new Sealed(
                new Pending(event, terms, draft.recordId(), draft.when(), payload, deadline),
                sealed);
    }
}

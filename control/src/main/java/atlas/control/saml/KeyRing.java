package atlas.control.saml;

import atlas.control.trust.SealedFile;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.KeyUsed;
import atlas.core.AuditLog;
import atlas.identity.saml.SamlConfig;
import atlas.identity.saml.SamlKeys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * Our SAML keys, sealed on disk, turned over in time. What changes is on disk and in the journal
 * before it is used, so that a restart knows every key a provider was told of. Thread-safe; blocks
 * on disk when keys change, about twice a year.
 */
public final class KeyRing implements Supplier<SamlKeys> {
    private static final Duration LOOK = Duration.ofMinutes(10);

    private final SealedFile file;
    private final SamlConfig config;
    private final AuditLog journal;
    private final Clock clock;

    private SamlKeys keys; // guarded by this
    private Instant looked; // guarded by this

    /** Reads the keys, or makes the first when SAML was never used here. */
    public KeyRing(SealedFile file, SamlConfig config, AuditLog journal, Clock clock) {
        this.file = file;
        this.config = config;
        this.journal = journal;
        this.clock = clock;
        this.looked = Instant.EPOCH;
        this.keys =
                file.read()
                        .map(SamlKeys::decode)
                        .orElseGet(() -> changed(SamlKeys.fresh(config, clock.instant()), "made"));
    }

    @Override
    public synchronized SamlKeys get() {
        Instant now = clock.instant();
        if (!now.isBefore(looked.plus(LOOK))) {
            SamlKeys next = keys.rotated(config, now);
            if (!next.equals(keys)) {
                keys = changed(next, "rotated");
            }
            looked = now;
        }
        return keys;
    }

    private SamlKeys changed(SamlKeys next, String act) {
        file.write(next.encode());
        journal.append(
                new KeyUsed(
                        Actor.system("saml"),
                        act,
                        "saml:" + next.newest(),
                        next.size(),
                        "saml",
                        "signing and decryption of the service provider"));
        return next;
    }
}

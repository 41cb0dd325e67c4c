package atlas.vault;

import atlas.core.AuditEvent;
import atlas.core.crypto.ObjectSealer;
import atlas.core.crypto.Sealer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Consumer;

/** The key hierarchy. */
public final class KeyVault implements AutoCloseable {
    private KeyVault() {}

    public static KeyVault open(
            Path dir, KekProvider kek, Clock clock, Consumer<AuditEvent.KeyUsed> audit) {
        throw new UnsupportedOperationException();
    }

    public Sealer sealer(Purpose purpose, String tenant) {
        throw new UnsupportedOperationException();
    }

    public ObjectSealer objects(String tenant) {
        throw new UnsupportedOperationException();
    }

    public VaultStatus status() {
        throw new UnsupportedOperationException();
    }

    public int rotate(Purpose purpose, String tenant) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}

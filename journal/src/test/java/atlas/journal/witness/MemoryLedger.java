package atlas.journal.witness;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A ledger in memory that can be told to fail, before or after it kept what it was given. */
public final class MemoryLedger implements Ledger {
    final Map<String, byte[]> kept = new ConcurrentHashMap<>();
    final Set<String> accused = ConcurrentHashMap.newKeySet();
    volatile boolean failsBefore;
    volatile boolean failsAfter;

    /** A ledger that knows no log yet. */
    public MemoryLedger() {}

    @Override
    public Optional<byte[]> latest(String origin) {
        return Optional.ofNullable(kept.get(origin));
    }

    @Override
    public void keep(String origin, byte[] note) throws IOException {
        if (failsBefore) {
            throw new IOException("no space left");
        }
        kept.put(origin, note);
        if (failsAfter) {
            throw new IOException("fsync failed");
        }
    }

    @Override
    public void accuse(String origin, byte[] note) {
        accused.add(new String(note, java.nio.charset.StandardCharsets.UTF_8));
    }
}

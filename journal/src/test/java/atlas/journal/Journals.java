package atlas.journal;

import atlas.core.AuditLog.Receipt;
import atlas.journal.store.Disk;
import atlas.journal.store.TileStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** Journals for tests: small segments, a key file in the home, patience for a busy machine. */
final class Journals {
    static final String ORIGIN = "log.example/test";
    static final int SEGMENT = 256 << 10;
    private static final int AT_ONCE = 4096;

    private Journals() {}

    static JournalConfig config(Path home) {
        return config(home, JournalConfig.Mode.ALWAYS);
    }

    static JournalConfig config(Path home, JournalConfig.Mode mode) {
        return new JournalConfig(
                home.resolve("journal"),
                ORIGIN,
                mode,
                Duration.ofMillis(5),
                Duration.ofHours(1),
                1_000_000,
                Duration.ofSeconds(30),
                0,
                8192);
    }

    static Journal open(Path home, Clock clock) {
        return open(home, clock, UnaryOperator.identity());
    }

    static Journal open(Path home, Clock clock, UnaryOperator<Disk> disk) {
        return Journal.open(config(home), keys(home), clock, new Opened.Tuning(disk, SEGMENT));
    }

    /** The tiles of a log, to be read. */
    static TileStore store(Path log) {
        return new TileStore(Disk.real(log), log);
    }

    /** The keys of this home, made at the first call. */
    static JournalKeys keys(Path home) {
        Path file = home.resolve("journal.key");
        MemorySealer sealer = MemorySealer.fixed();
        try {
            if (!Files.exists(file)) {
                Files.write(file, JournalKeys.create(ORIGIN, sealer).export(sealer));
            }
            return JournalKeys.open(Files.readAllBytes(file), sealer, sealer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Records {@code count} facts, never more at once than it may hold, and waits for all. */
    static List<Receipt> fill(Journal journal, int count) {
        List<CompletableFuture<Receipt>> futures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            futures.add(journal.submit(Facts.act(i)));
            if (i >= AT_ONCE) {
                futures.get(i - AT_ONCE).join();
            }
        }
        return futures.stream().map(CompletableFuture::join).toList();
    }
}

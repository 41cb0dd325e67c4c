package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditLog.Receipt;
import atlas.journal.store.Disk;
import atlas.journal.store.KeptCheckpoints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of writers who are faster than the disk that tiles are put on. */
class PacingTest {
    private static final int ENTRIES = 2_500;
    private static final int WINDOW = 256;
    private static final long MOST_WAL_BYTES = 4 << 20;

    @TempDir private Path home;
    private final AtomicInteger tiles = new AtomicInteger();

    @Test
    void aSustainedLoadSettlesAtTheRateOfTheTreeAndNothingIsRefused() {
        JournalConfig usual = Journals.config(home);
        JournalConfig config =
                new JournalConfig(
                        usual.directory(),
                        usual.origin(),
                        usual.mode(),
                        usual.interval(),
                        Duration.ofMillis(5),
                        WINDOW,
                        usual.deadline(),
                        0,
                        usual.maxPending());
        Opened.Tuning tuning =
                new Opened.Tuning(
                        Slow::new,
                        Journals.SEGMENT,
                        KeptCheckpoints.Spacing.standard(),
                        MOST_WAL_BYTES);
        ArrayDeque<CompletableFuture<Receipt>> window = new ArrayDeque<>();
        try (Journal journal =
                Journal.open(config, Journals.keys(home), Clock.systemUTC(), tuning)) {
            for (int i = 0; i < ENTRIES; i++) {
                window.add(journal.submit(Facts.act("ada", "req_" + i, 4_000)));
                if (window.size() == WINDOW) {
                    window.remove().join();
                }
            }
            window.forEach(CompletableFuture::join);
            assertThat(journal.size()).isEqualTo(ENTRIES);
        }
        assertThat(tiles.get()).isGreaterThan(ENTRIES / 256);
    }

    /** Takes its time for tiles and bundles, and none for the write-ahead log. */
    private final class Slow implements Disk {
        private final Disk disk;

        Slow(Disk disk) {
            this.disk = disk;
        }

        @Override
        public void replace(Path path, byte[] content) throws IOException {
            if (path.toString().contains("tile")) {
                tiles.incrementAndGet();
                LockSupport.parkNanos(40_000_000);
            }
            disk.replace(path, content);
        }

        @Override
        public Segment create(Path path, ByteBuffer beginning, long bytes) throws IOException {
            return disk.create(path, beginning, bytes);
        }

        @Override
        public Segment open(Path path) throws IOException {
            return disk.open(path);
        }

        @Override
        public void syncDirectory(Path directory) throws IOException {
            disk.syncDirectory(directory);
        }

        @Override
        public void delete(Path path) throws IOException {
            disk.delete(path);
        }

        @Override
        public long usable(Path directory) throws IOException {
            return disk.usable(directory);
        }
    }
}

package atlas.journal;

import atlas.core.AuditLog.Receipt;
import atlas.core.AuditUnavailableException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A process with many journals, all under load, that is killed or whose system calls fail. Each
 * receipt is noted in a file beside its journal once it was given: index and leaf hash.
 */
final class CrashingWriters {
    static final String RECEIPTS = "receipts";
    static final String BROKEN_WORD = "acknowledged-after-failure";
    private static final int WRITERS = 3;

    private final Path home;
    private final FileChannel receipts;
    private final Journal journal;

    private CrashingWriters(Path home) throws IOException {
        this.home = home;
        this.receipts =
                FileChannel.open(
                        home.resolve(RECEIPTS),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
        JournalConfig plain = Journals.config(home);
        JournalConfig config =
                new JournalConfig(
                        plain.directory(),
                        plain.origin(),
                        plain.mode(),
                        plain.interval(),
                        Duration.ofMillis(20),
                        50,
                        plain.deadline(),
                        0,
                        8192);
        journal =
                Journal.open(
                        config,
                        Journals.keys(home),
                        Clock.systemUTC(),
                        new Opened.Tuning(disk -> disk, Journals.SEGMENT));
    }

    /** Arguments: where, how many journals, how many entries each writer writes. */
    public static void main(String[] args) throws Exception {
        Path where = Path.of(args[0]);
        int count = Integer.parseInt(args[2]);
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
            Path home = Files.createDirectories(where.resolve(Integer.toString(i)));
            try {
                CrashingWriters one = new CrashingWriters(home);
                for (int w = 0; w < WRITERS; w++) {
                    long seed = 31L * i + w;
                    writers.add(Thread.startVirtualThread(() -> one.write(seed, count)));
                }
            } catch (JournalException | IOException e) {
                // A call that failed while it was opened: it gives no receipts.
                continue;
            }
        }
        new PrintStream(new FileOutputStream(FileDescriptor.out), true).println("ready");
        for (Thread writer : writers) {
            writer.join();
        }
        // Not closed: what is here now is what a crash leaves.
        Runtime.getRuntime().halt(0);
    }

    private void write(long seed, int count) {
        Random random = new Random(seed);
        for (int i = 0; i < count; i++) {
            int bytes = random.nextInt(80) == 0 ? 61_000 : random.nextInt(2_000);
            try {
                note(journal.append(Facts.act("user-" + i % 50, "req_" + i, bytes)));
            } catch (AuditUnavailableException e) {
                if (journal.health().state() == JournalHealth.State.FAILED) {
                    expectNoMore();
                    return;
                }
            }
        }
    }

    /** A failed write or fsync is final: no receipt is given after it. */
    private void expectNoMore() {
        for (int i = 0; i < 3; i++) {
            try {
                journal.append(Facts.act(i));
                Files.write(home.resolve(BROKEN_WORD), new byte[0]);
            } catch (AuditUnavailableException e) {
                continue;
            } catch (IOException e) {
                Runtime.getRuntime().halt(9);
            }
        }
    }

    private void note(Receipt receipt) {
        ByteBuffer noted = ByteBuffer.allocate(40);
        noted.putLong(receipt.index()).put(receipt.leafHash().bytes()).flip();
        try {
            receipts.write(noted);
        } catch (IOException e) {
            Runtime.getRuntime().halt(9);
        }
    }
}

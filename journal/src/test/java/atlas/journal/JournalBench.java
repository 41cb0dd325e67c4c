package atlas.journal;

import atlas.core.AuditEvent;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Durable appends per second of 1 KiB facts beside the disk's own limit, in one run: {@code
 * JournalBench DIRECTORY [SECONDS]}. The limit is a loop of write and fdatasync over a file of
 * zeros, with frames of the size the journal's were on average.
 */
public final class JournalBench {
    private static final AuditEvent EVENT = Facts.act("alice", "req_0123456789", 740);

    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true);

    private final Path home;

    private JournalBench(Path home) {
        this.home = home;
    }

    public static void main(String[] args) throws Exception {
        Path home = Files.createTempDirectory(Path.of(args[0]), "journal-bench");
        long seconds = args.length > 1 ? Long.parseLong(args[1]) : 5;
        JournalBench bench = new JournalBench(home);
        bench.run(64, 3, false);
        for (int writers : new int[] {1, 16, 64, 256}) {
            bench.run(writers, seconds, true);
        }
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void run(int writers, long duration, boolean report) throws Exception {
        Path here = home.resolve("w" + writers + "-" + report);
        Files.createDirectories(here);
        JournalConfig config = JournalConfig.defaults(here.resolve("journal"), Journals.ORIGIN);
        long cpu = cpu();
        long[] latencies;
        long entries;
        long nanos;
        try (Journal journal = Journal.open(config, Journals.keys(here), Clock.systemUTC())) {
            long begun = System.nanoTime();
            long end = begun + duration * 1_000_000_000L;
            List<List<Long>> all = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                List<Long> own = new ArrayList<>();
                all.add(own);
                threads.add(Thread.startVirtualThread(() -> write(journal, end, own)));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            nanos = System.nanoTime() - begun;
            entries = journal.size();
            latencies = all.stream().flatMap(List::stream).mapToLong(Long::longValue).toArray();
        }
        long spent = cpu() - cpu;
        if (!report) {
            return;
        }
        Arrays.sort(latencies);
        double perSecond = entries * 1e9 / nanos;
        OUT.printf(
                Locale.ROOT,
                "%4d writers: %7.0f durable/s  p50 %.2f ms  p99 %.2f ms  cpu %.1f us/append"
                        + " (opening, tiles, checkpoints and closing in it)%n",
                writers,
                perSecond,
                latencies[latencies.length / 2] / 1e6,
                latencies[(int) (latencies.length * 0.99)] / 1e6,
                spent / 1e3 / entries);
        for (int batch : new int[] {1, Math.max(1, writers / 2), writers}) {
            int bytes = (112 + batch * 1150 + 4095) / 4096 * 4096;
            double syncs = bare(here.resolve("bare"), bytes);
            OUT.printf(
                    Locale.ROOT,
                    "     bare loop, %3d entries (%d KiB) per fdatasync: %6.0f syncs/s = %.0f/s%n",
                    batch,
                    bytes / 1024,
                    syncs,
                    syncs * batch);
        }
    }

    private static void write(Journal journal, long end, List<Long> latencies) {
        for (long now = System.nanoTime(); now < end; ) {
            journal.append(EVENT);
            long after = System.nanoTime();
            latencies.add(after - now);
            now = after;
        }
    }

    private double bare(Path file, int bytes) throws IOException {
        int capacity = 16 << 20;
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(capacity), 0);
            channel.force(true);
            ByteBuffer frame = ByteBuffer.allocateDirect(bytes);
            long begun = System.nanoTime();
            long end = begun + 2_000_000_000L;
            int count = 0;
            int at = 0;
            while (System.nanoTime() < end) {
                at = at + bytes > capacity ? 0 : at;
                frame.clear();
                channel.write(frame, at);
                channel.force(false);
                at += bytes;
                count++;
            }
            return count * 1e9 / (System.nanoTime() - begun);
        }
    }

    private static long cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }
}

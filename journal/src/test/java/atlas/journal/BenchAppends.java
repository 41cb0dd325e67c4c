package atlas.journal;

import atlas.core.AuditEvent;
import atlas.journal.store.Disk;
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
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Durable appends per second beside the disk's own limit: a loop of write and fdatasync over a
 * preallocated file of zeros that writes the very frames the journal wrote just before, one after
 * the other with nothing between. Rounds alternate, because a disk's speed drifts.
 */
final class BenchAppends {
    private static final AuditEvent EVENT = Facts.act("alice", "req_0123456789", 740);
    private static final int SEGMENT = 16 << 20;
    private static final int FRAME = 0x41574C31;

    private final Path home;
    private final PrintStream out;

    BenchAppends(Path home, PrintStream out) {
        this.home = home;
        this.out = out;
    }

    /** What one round gave. */
    private record Round(
            double perSecond,
            double bare,
            double bareSyncs,
            double p50,
            double p99,
            double cpu,
            double perFrame) {}

    void run(long seconds, int rounds) throws Exception {
        round(64, Math.min(3, seconds), 0);
        out.printf(
                "%-8s %10s %10s %8s %8s %8s %8s %9s %9s%n",
                "writers",
                "durable/s",
                "bare/s",
                "of bare",
                "p50 ms",
                "p99 ms",
                "us cpu",
                "per sync",
                "syncs/s");
        for (int writers : new int[] {1, 16, 64, 1024}) {
            List<Round> all = new ArrayList<>();
            for (int round = 1; round <= rounds; round++) {
                all.add(round(writers, seconds, round));
            }
            out.printf(
                    Locale.ROOT,
                    "%-8d %10.0f %10.0f %7.0f%% %8.2f %8.2f %8.1f %9.1f %9.0f%n",
                    writers,
                    median(all.stream().mapToDouble(Round::perSecond)),
                    median(all.stream().mapToDouble(Round::bare)),
                    100 * median(all.stream().mapToDouble(r -> r.perSecond() / r.bare())),
                    median(all.stream().mapToDouble(Round::p50)),
                    median(all.stream().mapToDouble(Round::p99)),
                    median(all.stream().mapToDouble(Round::cpu)),
                    median(all.stream().mapToDouble(Round::perFrame)),
                    median(all.stream().mapToDouble(Round::bareSyncs)));
        }
    }

    private static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private Round round(int writers, long seconds, int number) throws Exception {
        Path here = Files.createDirectories(home.resolve("w" + writers + "-" + number));
        JournalConfig config = JournalConfig.defaults(here.resolve("journal"), Journals.ORIGIN);
        List<Recording> disks = new ArrayList<>();
        Opened.Tuning tuning =
                new Opened.Tuning(
                        disk -> {
                            disks.add(new Recording(disk));
                            return disks.getLast();
                        },
                        SEGMENT);
        long[] latencies;
        long nanos;
        long cpu;
        long entries;
        try (Journal journal =
                Journal.open(config, Journals.keys(here), Clock.systemUTC(), tuning)) {
            journal.append(EVENT);
            long before = JournalBench.cpu();
            long begun = System.nanoTime();
            long[][] all = write(journal, writers, begun + seconds * 1_000_000_000L);
            nanos = System.nanoTime() - begun;
            journal.checkpointNow();
            cpu = JournalBench.cpu() - before;
            latencies = Arrays.stream(all).flatMapToLong(Arrays::stream).sorted().toArray();
            entries = latencies.length;
        }
        List<int[]> frames = disks.getFirst().frames;
        double[] bare = bare(here.resolve("bare"), frames, seconds);
        JournalBench.delete(here);
        return new Round(
                entries * 1e9 / nanos,
                bare[0],
                bare[1],
                latencies[latencies.length / 2] / 1e6,
                latencies[(int) (latencies.length * 0.99)] / 1e6,
                cpu / 1e3 / entries,
                (double) entries / frames.size());
    }

    private static long[][] write(Journal journal, int writers, long end) throws Exception {
        long[][] all = new long[writers][];
        List<Thread> threads = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
            int writer = w;
            threads.add(Thread.startVirtualThread(() -> all[writer] = write(journal, end)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return all;
    }

    private static long[] write(Journal journal, long end) {
        long[] latencies = new long[1024];
        int count = 0;
        for (long now = System.nanoTime(); now < end; ) {
            journal.append(EVENT);
            long after = System.nanoTime();
            if (count == latencies.length) {
                latencies = Arrays.copyOf(latencies, 2 * count);
            }
            latencies[count++] = after - now;
            now = after;
        }
        return Arrays.copyOf(latencies, count);
    }

    /** Entries and syncs per second of nothing but the same frames. */
    private static double[] bare(Path file, List<int[]> frames, long seconds) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(SEGMENT), 0);
            channel.force(true);
            ByteBuffer frame = ByteBuffer.allocateDirect(2 << 20);
            long begun = System.nanoTime();
            long end = begun + seconds * 1_000_000_000L;
            long entries = 0;
            long syncs = 0;
            int at = 0;
            while (System.nanoTime() < end) {
                int[] next = frames.get((int) (syncs % frames.size()));
                at = at + next[0] > SEGMENT ? 0 : at;
                frame.clear().limit(next[0]);
                channel.write(frame, at);
                channel.force(false);
                at += next[0];
                entries += next[1];
                syncs++;
            }
            double nanos = System.nanoTime() - begun;
            return new double[] {entries * 1e9 / nanos, syncs * 1e9 / nanos};
        }
    }

    /** Remembers bytes and entries of every frame on its way to the disk. */
    private static final class Recording implements Disk {
        private final Disk disk;
        final List<int[]> frames = new ArrayList<>();

        Recording(Disk disk) {
            this.disk = disk;
        }

        @Override
        public Segment create(Path path, ByteBuffer beginning, long bytes) throws IOException {
            Segment segment = disk.create(path, beginning, bytes);
            return new Segment() {
                @Override
                public Path path() {
                    return segment.path();
                }

                @Override
                public void write(ByteBuffer frame, long position) throws IOException {
                    if (frame.getInt(frame.position()) == FRAME) {
                        int count = frame.getInt(frame.position() + 12);
                        frames.add(new int[] {frame.remaining(), count});
                    }
                    segment.write(frame, position);
                }

                @Override
                public void force() throws IOException {
                    segment.force();
                }

                @Override
                public boolean linked() throws IOException {
                    return segment.linked();
                }

                @Override
                public void close() throws IOException {
                    segment.close();
                }
            };
        }

        @Override
        public Segment open(Path path) throws IOException {
            return disk.open(path);
        }

        @Override
        public void replace(Path path, byte[] content) throws IOException {
            disk.replace(path, content);
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

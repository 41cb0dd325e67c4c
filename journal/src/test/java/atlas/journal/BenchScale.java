package atlas.journal;

import atlas.core.AuditLog.Receipt;
import atlas.core.crypto.Hashes;
import atlas.journal.search.SearchIndex;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A log that grows to many entries of 10,000 principals over a month: what an append costs and how
 * much memory is used on the way, then start-up, search, and verification beside SHA-256 of the
 * same bytes on all cores.
 */
final class BenchScale {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final int PRINCIPALS = 10_000;
    private static final int WINDOW = 4096;
    private static final int SEARCHES = 50;
    private static final int CORES = Runtime.getRuntime().availableProcessors();

    private final Path home;
    private final PrintStream out;

    BenchScale(Path home, PrintStream out) {
        this.home = home;
        this.out = out;
    }

    /** Time that passes with the entries: {@code count} of them make a month. */
    private static final class Month extends Clock {
        private final AtomicLong entries = new AtomicLong();
        private final double nanos;

        Month(long count) {
            nanos = Duration.ofDays(30).toNanos() / (double) count;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return START.plusNanos((long) (nanos * entries.getAndIncrement()));
        }
    }

    void run(long count) throws Exception {
        JournalConfig config = patient(home.resolve("journal"));
        Month clock = new Month(count);
        try (Journal journal = Journal.open(config, Journals.keys(home), clock)) {
            for (long size : sizes(count)) {
                grow(journal, size);
            }
        }
        start("after an orderly close", config, clock);
        bytes(count);
        search(config, clock, count);
        verify();
    }

    /** The usual way to keep a journal, but nothing is refused because the machine is busy. */
    private static JournalConfig patient(Path directory) {
        JournalConfig usual = JournalConfig.defaults(directory, Journals.ORIGIN);
        return new JournalConfig(
                directory,
                usual.origin(),
                usual.mode(),
                usual.interval(),
                usual.checkpointInterval(),
                usual.checkpointEvery(),
                Duration.ofMinutes(2),
                usual.reserveBytes(),
                usual.maxPending());
    }

    private static List<Long> sizes(long count) {
        List<Long> sizes = new ArrayList<>();
        for (long size = count; size >= 10_000 && sizes.size() < 4; size /= 10) {
            sizes.addFirst(size);
        }
        return sizes;
    }

    private void grow(Journal journal, long target) {
        long from = journal.size();
        long cpu = JournalBench.cpu();
        long begun = System.nanoTime();
        ArrayDeque<CompletableFuture<Receipt>> window = new ArrayDeque<>();
        for (long i = from; i < target; i++) {
            window.add(journal.submit(Facts.act(principal(i), "req_" + i / 2, 40)));
            if (window.size() == WINDOW) {
                window.remove().join();
            }
        }
        window.forEach(CompletableFuture::join);
        journal.checkpointNow();
        double seconds = (System.nanoTime() - begun) / 1e9;
        out.printf(
                Locale.ROOT,
                "%,12d entries: %,7.0f/s, %.1f us cpu per append, heap %d MiB, resident %d MiB%n",
                target,
                (target - from) / seconds,
                (JournalBench.cpu() - cpu) / 1e3 / (target - from),
                heap(),
                resident());
    }

    private static String principal(long entry) {
        return "user-" + Math.floorMod((entry * 0x9E3779B97F4A7C15L) >>> 20, PRINCIPALS);
    }

    @SuppressWarnings("CallToSystemGC")
    private static long heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) >> 20;
    }

    private static long resident() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10;
                }
            }
        } catch (IOException e) {
            return -1;
        }
        return -1;
    }

    private void start(String how, JournalConfig config, Clock clock) {
        for (int round = 0; round < 3; round++) {
            long begun = System.nanoTime();
            Journal journal = Journal.open(config, Journals.keys(home), clock);
            double millis = (System.nanoTime() - begun) / 1e6;
            out.printf(
                    Locale.ROOT,
                    "start %s with %,d entries: %.0f ms%n",
                    how,
                    journal.size(),
                    millis);
            journal.close();
        }
    }

    private void bytes(long count) throws IOException {
        out.printf(
                Locale.ROOT,
                "bytes per entry: %.1f in bundles, %.1f in tiles, %.1f in the search index%n",
                size("tile/entries") / (double) count,
                (size("tile") - size("tile/entries")) / (double) count,
                size("index") / (double) count);
    }

    private long size(String folder) throws IOException {
        AtomicLong bytes = new AtomicLong();
        files(home.resolve("journal").resolve(folder))
                .forEach(file -> bytes.addAndGet(file.toFile().length()));
        return bytes.get();
    }

    private static List<Path> files(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        files.add(file);
                        return FileVisitResult.CONTINUE;
                    }
                });
        return files;
    }

    private void search(JournalConfig config, Clock clock, long count) {
        try (Journal journal = Journal.open(config, Journals.keys(home), clock)) {
            double[] hour = new double[SEARCHES];
            double[] request = new double[SEARCHES];
            int found = 0;
            for (int round = 0; round < 2; round++) { // the first one warms
                for (int i = 0; i < SEARCHES; i++) {
                    long entry = (long) (count * ((i + 0.5) / SEARCHES));
                    Instant when = journal.entry(entry).orElseThrow().when();
                    long begun = System.nanoTime();
                    found +=
                            journal.find(query(principal(entry), Optional.empty(), when))
                                    .entries()
                                    .size();
                    hour[i] = (System.nanoTime() - begun) / 1e6;
                    begun = System.nanoTime();
                    found += journal.search(JournalQuery.request("req_" + entry / 2)).size();
                    request[i] = (System.nanoTime() - begun) / 1e6;
                }
            }
            double[] whole = new double[SEARCHES];
            for (int i = 0; i < SEARCHES; i++) {
                long begun = System.nanoTime();
                found += journal.search(principal("user-" + i * 7)).size();
                whole[i] = (System.nanoTime() - begun) / 1e6;
            }
            report("a principal in an hour", hour);
            report("a request id in all of it", request);
            report("a principal's newest 100 in all of it", whole);
            out.printf(
                    Locale.ROOT,
                    "  %,d blocks of %,d entries; %,d entries found; heap %d MiB%n",
                    count / SearchIndex.BLOCK,
                    SearchIndex.BLOCK,
                    found,
                    heap());
        }
    }

    private static JournalQuery principal(String principal) {
        JournalQuery all = JournalQuery.newest(100);
        return new JournalQuery(
                all.kind(),
                Optional.of(principal),
                all.requestId(),
                all.model(),
                all.outcome(),
                all.text(),
                all.since(),
                all.until(),
                -1,
                100,
                true);
    }

    private static JournalQuery query(String principal, Optional<String> request, Instant around) {
        JournalQuery all = principal(principal);
        return new JournalQuery(
                all.kind(),
                all.principal(),
                request,
                all.model(),
                all.outcome(),
                all.text(),
                Optional.of(around.minus(Duration.ofMinutes(30))),
                Optional.of(around.plus(Duration.ofMinutes(30))),
                -1,
                1000,
                true);
    }

    private void report(String what, double[] millis) {
        Arrays.sort(millis);
        out.printf(
                Locale.ROOT,
                "search, %s: p50 %.1f ms, worst of %d %.1f ms%n",
                what,
                millis[millis.length / 2],
                millis.length,
                millis[millis.length - 1]);
    }

    /** Rounds alternate, so that both read the same warm files under the same load. */
    private void verify() throws Exception {
        Path journal = home.resolve("journal");
        List<Path> bundles = files(journal.resolve("tile/entries"));
        for (int round = 0; round < 3; round++) {
            long rawCpu = JournalBench.cpu();
            long begun = System.nanoTime();
            long bytes = hash(bundles);
            double raw = (System.nanoTime() - begun) / 1e9;
            rawCpu = JournalBench.cpu() - rawCpu;
            long cpu = JournalBench.cpu();
            begun = System.nanoTime();
            Verification verification = JournalVerifier.verify(journal, Optional.empty());
            double checked = (System.nanoTime() - begun) / 1e9;
            cpu = JournalBench.cpu() - cpu;
            if (!(verification instanceof Verification.Holds holds)) {
                throw new IllegalStateException(verification.toString());
            }
            out.printf(
                    Locale.ROOT,
                    "verify %,d entries, %d cores: %.1f s (%,.0f/s), %.1f s cpu; SHA-256 of the"
                        + " same %,d MiB: %.1f s, %.1f s cpu; %.0f%% of raw by time, %.0f%% by cpu;"
                        + " heap %d MiB%n",
                    holds.size(),
                    CORES,
                    checked,
                    holds.size() / checked,
                    cpu / 1e9,
                    bytes >> 20,
                    raw,
                    rawCpu / 1e9,
                    100 * raw / checked,
                    100.0 * rawCpu / cpu,
                    heap());
        }
    }

    private static long hash(List<Path> files) throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(CORES)) {
            List<Future<Long>> parts = new ArrayList<>();
            for (int core = 0; core < CORES; core++) {
                int first = core;
                parts.add(
                        pool.submit(() -> {
                            MessageDigest sha256 = Hashes.sha256();
                            long bytes = 0;
                            for (int i = first; i < files.size(); i += CORES) {
                                byte[] content = Files.readAllBytes(files.get(i));
                                sha256.update(content);
                                bytes += content.length;
                            }
                            return bytes + (sha256.digest().length == 0 ? 1 : 0);
                        }));
            }
            long bytes = 0;
            for (Future<Long> part : parts) {
                bytes += part.get();
            }
            return bytes;
        }
    }
}

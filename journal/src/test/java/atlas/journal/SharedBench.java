package atlas.journal;

import atlas.core.AuditEvent;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;

/**
 * Durable appends per second of 1 KiB facts into a shared log beside plain INSERTs of the same
 * bytes into a table with nothing but a key, same server, same driver, same run: {@code SharedBench
 * DIRECTORY [SECONDS]}. The server is a real one with fsync on, on this machine.
 */
public final class SharedBench {
    private static final AuditEvent EVENT = Facts.act("alice", "req_0123456789", 740);
    private static final int ENTRY_BYTES = 1150;

    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true);

    private final Path home;
    private final TestPostgres postgres;

    private SharedBench(Path home, TestPostgres postgres) {
        this.home = home;
        this.postgres = postgres;
    }

    public static void main(String[] args) throws Exception {
        Path home = Files.createTempDirectory(Path.of(args[0]), "shared-bench");
        long seconds = args.length > 1 ? Long.parseLong(args[1]) : 5;
        try (TestPostgres postgres = new TestPostgres(home.resolve("pg"))) {
            SharedBench bench = new SharedBench(home, postgres);
            bench.append(1, 64, 3, false);
            for (int writers : new int[] {1, 16, 64, 256}) {
                bench.append(1, writers, seconds, true);
            }
            bench.append(2, 64, seconds, true);
            for (int entries : new int[] {1, 16, 64, 256}) {
                bench.plain(1, entries, seconds);
            }
            bench.plain(2, 64, seconds);
        }
    }

    /** So many gateways, each with so many writers. */
    private void append(int gateways, int writers, long seconds, boolean report) throws Exception {
        Path here = Files.createDirectories(home.resolve("a" + gateways + "-" + writers + report));
        SharedRig rig =
                new SharedRig(
                        here,
                        postgres,
                        Optional.empty(),
                        usual -> JournalConfig.defaults(usual.directory(), usual.origin()));
        List<Journal> journals = new ArrayList<>();
        List<List<Long>> all = new ArrayList<>();
        long nanos;
        try (Journal control = rig.open(here.resolve("control"))) {
            for (int g = 0; g < gateways; g++) {
                journals.add(rig.gateway(here.resolve("gateway" + g), (byte) g));
            }
            long begun = System.nanoTime();
            long end = begun + Duration.ofSeconds(seconds).toNanos();
            List<Thread> threads = new ArrayList<>();
            for (Journal journal : journals) {
                for (int w = 0; w < writers; w++) {
                    List<Long> own = new ArrayList<>();
                    all.add(own);
                    threads.add(Thread.startVirtualThread(() -> write(journal, end, own)));
                }
            }
            for (Thread thread : threads) {
                thread.join();
            }
            nanos = System.nanoTime() - begun;
            control.checkpointNow();
            journals.forEach(Journal::close);
        }
        long[] latencies = all.stream().flatMap(List::stream).mapToLong(Long::longValue).toArray();
        Arrays.sort(latencies);
        if (report) {
            OUT.printf(
                    Locale.ROOT,
                    "%d gateway(s) x %3d writers: %6.0f durable/s  p50 %.1f ms  p99 %.1f ms%n",
                    gateways,
                    writers,
                    latencies.length * 1e9 / nanos,
                    latencies[latencies.length / 2] / 1e6,
                    latencies[(int) (latencies.length * 0.99)] / 1e6);
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

    /** So many connections insert the bytes of so many entries as one row, again and again. */
    private void plain(int connections, int entries, long seconds) throws Exception {
        String table = "plain" + connections + "_" + entries;
        postgres.run(
                "postgres",
                "CREATE TABLE " + table + " (id bigserial PRIMARY KEY, b bytea)",
                "ALTER TABLE " + table + " ALTER COLUMN b SET STORAGE EXTERNAL",
                "GRANT INSERT ON " + table + " TO gateway",
                "GRANT USAGE ON SEQUENCE " + table + "_id_seq TO gateway");
        long begun = System.nanoTime();
        long end = begun + Duration.ofSeconds(seconds).toNanos();
        long[] rows = new long[connections];
        List<Thread> threads = new ArrayList<>();
        for (int c = 0; c < connections; c++) {
            int number = c;
            threads.add(
                    Thread.startVirtualThread(() -> rows[number] = insert(table, entries, end)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double perSecond = Arrays.stream(rows).sum() * 1e9 / (System.nanoTime() - begun);
        OUT.printf(
                Locale.ROOT,
                "plain INSERT, %d connection(s), rows of %3d entries: %6.0f rows/s = %6.0f/s%n",
                connections,
                entries,
                perSecond,
                perSecond * entries);
    }

    private long insert(String table, int entries, long end) {
        Properties properties = new Properties();
        properties.put("user", "gateway");
        properties.put("password", "gateway-secret");
        properties.put("sslmode", "require");
        byte[] bytes = new byte[entries * ENTRY_BYTES];
        new java.security.SecureRandom().nextBytes(bytes);
        long rows = 0;
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:postgresql://localhost:" + postgres.port() + "/postgres",
                                properties);
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO " + table + " (b) VALUES (?)")) {
            for (; System.nanoTime() < end; rows++) {
                insert.setBytes(1, bytes);
                insert.executeUpdate();
            }
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
        return rows;
    }
}

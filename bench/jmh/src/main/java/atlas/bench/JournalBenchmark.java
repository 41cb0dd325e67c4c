package atlas.bench;

import atlas.core.AuditEvent;
import atlas.core.AuditLog;
import atlas.core.Principal;
import atlas.core.crypto.Sealer;
import atlas.journal.Journal;
import atlas.journal.JournalConfig;
import atlas.journal.JournalKeys;
import atlas.vault.FileKek;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/** Appends of facts of about 1 KiB that are on the disk when they return, all threads together. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class JournalBenchmark {
    private static final String ORIGIN = "bench.example/journal";

    private final AuditEvent fact = Facts.act(740);
    private Path home;
    private KeyVault vault;
    private Journal journal;

    @Setup
    public void open() throws IOException {
        home = Folders.create();
        Clock clock = Clock.systemUTC();
        FileKek kek = FileKek.openOrCreate(home.resolve("kek"));
        vault = KeyVault.open(home.resolve("vault"), kek, clock, _ -> {});
        Sealer sealer = vault.sealer(Purpose.JOURNAL, Principal.DEFAULT_TENANT);
        JournalConfig config = JournalConfig.defaults(home.resolve("journal"), ORIGIN);
        if (config.mode() != JournalConfig.Mode.ALWAYS) {
            throw new IllegalStateException("appends return before they are durable");
        }
        journal = Journal.open(config, JournalKeys.create(ORIGIN, sealer), clock);
    }

    @TearDown
    public void close() throws IOException {
        journal.close();
        vault.close();
        Folders.delete(home);
    }

    @Benchmark
    @Threads(1)
    public AuditLog.Receipt append01() {
        return journal.append(fact);
    }

    @Benchmark
    @Threads(16)
    public AuditLog.Receipt append16() {
        return journal.append(fact);
    }

    @Benchmark
    @Threads(64)
    public AuditLog.Receipt append64() {
        return journal.append(fact);
    }
}

package atlas.bench;

import atlas.core.Principal;
import atlas.core.crypto.Sealer;
import atlas.vault.FileKek;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

/** Sealing and opening 1 KiB under a key of the vault. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SealBenchmark {
    private static final byte[] BOUND = "journal/entry/17".getBytes(StandardCharsets.US_ASCII);

    private final byte[] plaintext = new byte[1024];
    private Path home;
    private KeyVault vault;
    private Sealer sealer;
    private byte[] sealed;

    @Setup
    public void open() throws IOException {
        home = Folders.create();
        FileKek kek = FileKek.openOrCreate(home.resolve("kek"));
        vault = KeyVault.open(home.resolve("vault"), kek, Clock.systemUTC(), _ -> {});
        sealer = vault.sealer(Purpose.JOURNAL, Principal.DEFAULT_TENANT);
        sealed = sealer.seal(plaintext, BOUND);
    }

    @TearDown
    public void close() throws IOException {
        vault.close();
        Folders.delete(home);
    }

    @Benchmark
    public byte[] seal() {
        return sealer.seal(plaintext, BOUND);
    }

    @Benchmark
    public byte[] unseal() {
        return sealer.open(sealed, BOUND);
    }
}

package atlas.registry;

import atlas.core.ModelRef;
import atlas.core.crypto.Hashes;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How long a model takes from its ciphertext to verified plaintext in memory, beside hashing that
 * plaintext alone, which takes longest of all that is done: {@code LoadBench DIRECTORY [MEGABYTES
 * [ROUNDS]]}; run by {@code bench/vault}.
 */
public final class LoadBench {
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true);

    private LoadBench() {}

    public static void main(String[] args) throws Exception {
        Path dir = Files.createTempDirectory(Path.of(args[0]), "load-bench");
        int megabytes = args.length > 1 ? Integer.parseInt(args[1]) : 256;
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 7;
        try (RegistryHome home = new RegistryHome(dir)) {
            ModelRef ref = home.deploy("bench", megabytes << 20).ref();
            Files.delete(dir.resolve("in-bench/model.safetensors"));
            List<Double> wall = new ArrayList<>();
            List<Double> cpu = new ArrayList<>();
            List<Double> alone = new ArrayList<>();
            List<Double> hashing = new ArrayList<>();
            try (Arena arena = Arena.ofShared()) {
                MemorySegment place = arena.allocate((long) (megabytes + 1) << 20, 64);
                for (int round = -2; round < rounds; round++) {
                    long before = cpu();
                    double hashed = hash(place.asSlice(0, (long) megabytes << 20));
                    double worked = (cpu() - before) / 1e9;
                    long began = System.nanoTime();
                    long spent = cpu();
                    home.registry
                            .openForServing(
                                    ref,
                                    "bench",
                                    file ->
                                            file.bytes() > 1 << 20
                                                    ? place.asSlice(0, file.bytes())
                                                    : arena.allocate(file.bytes(), 64))
                            .close();
                    if (round >= 0) {
                        wall.add((System.nanoTime() - began) / 1e9);
                        cpu.add((cpu() - spent) / 1e9);
                        alone.add(hashed);
                        hashing.add(worked);
                    }
                }
            }
            OUT.printf(
                    Locale.ROOT,
                    "load of %d MiB: %.3f s, %.3f s of processors%n",
                    megabytes,
                    median(wall),
                    median(cpu));
            OUT.printf(
                    Locale.ROOT,
                    "SHA-256 of it alone: %.3f s, %.3f s of processors; there are %d processors%n",
                    median(alone),
                    median(hashing),
                    Runtime.getRuntime().availableProcessors());
        } finally {
            try (var files = Files.walk(dir)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static double hash(MemorySegment bytes) {
        MessageDigest digest = Hashes.sha256();
        long began = System.nanoTime();
        digest.update(bytes.asByteBuffer());
        digest.digest();
        return (System.nanoTime() - began) / 1e9;
    }

    private static long cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}

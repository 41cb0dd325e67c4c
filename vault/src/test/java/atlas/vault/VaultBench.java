package atlas.vault;

import atlas.core.crypto.Floe;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.ObjectContext;
import atlas.core.crypto.OpenedObject;
import java.io.ByteArrayInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What sealing and opening weights costs beside the JDK's AES-GCM alone, per second of one
 * processor: {@code VaultBench DIRECTORY [ROUNDS]}; run by {@code bench/vault}.
 *
 * <p>Every round does everything once, in turns of their own order; ratios are of one round, and
 * their median is printed, so that a machine whose speed drifts drifts for all.
 */
public final class VaultBench {
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true);
    private static final int CHUNK = FloeObjects.CHUNK_BYTES;
    private static final int CHUNKS = 256;
    private static final int AT_ONCE = 4;
    private static final double MEGABYTES = CHUNK / 1e6 * CHUNKS;
    private static final int WARM_UP = 4;

    private final byte[] plain = new byte[CHUNK];
    private final byte[] sealed = new byte[CHUNK + Floe.SEGMENT_OVERHEAD];
    private final byte[] whole = new byte[CHUNK * CHUNKS];
    private final ByteBuffer target = ByteBuffer.allocateDirect(AT_ONCE * CHUNK);
    private final byte[] opened = new byte[CHUNK];
    private final byte[] flatNonce = new byte[12];
    private final Path flat;
    private final SecretKeySpec key = new SecretKeySpec(new byte[32], "AES");
    private final SecureRandom random = new SecureRandom();
    private final Cipher cipher = FloeObjects.newCipher();
    private final Floe floe = Floe.start(FloeObjects.PARAMETERS, new byte[32], new byte[] {1});
    private final Map<String, List<Double>> seconds = new LinkedHashMap<>();
    private final FloeObjects objects;
    private final ObjectContext context;
    private final Path object;

    private VaultBench(FloeObjects objects, ObjectContext context, Path object) {
        this.objects = objects;
        this.context = context;
        this.object = object;
        this.flat = object.resolveSibling("flat");
        random.nextBytes(plain);
        random.nextBytes(whole);
    }

    private interface Work {
        void run() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        Path home = Files.createTempDirectory(Path.of(args[0]), "vault-bench");
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 15;
        FileKek kek = FileKek.openOrCreate(home.resolve("kek"));
        try (KeyVault vault =
                KeyVault.open(home.resolve("vault"), kek, Clock.systemUTC(), _ -> {})) {
            ObjectContext context =
                    new ObjectContext("t", "weights", "m", 1, Hashes.sha256("root"), "w");
            FloeObjects objects = (FloeObjects) vault.objects("t");
            Path object = home.resolve("object");
            VaultBench bench = new VaultBench(objects, context, object);
            try (OutputStream out = Files.newOutputStream(object)) {
                var unused = objects.seal(context, new ByteArrayInputStream(bench.whole), out);
            }
            bench.writeFlat();
            bench.run(rounds);
        } finally {
            try (var files = Files.walk(home)) {
                for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private void run(int rounds) throws Exception {
        Map<String, Work> works = new LinkedHashMap<>();
        works.put("AES-GCM seal", this::gcmSeal);
        works.put("FLOE seal", this::floeSeal);
        works.put("AES-GCM open", this::gcmOpen);
        works.put("FLOE open", this::floeOpen);
        works.put("AES-GCM seal and 2 SHA-256", this::gcmSealAndHash);
        works.put("object sealed", this::objectSeal);
        works.put("AES-GCM open of a file", this::gcmOpenFile);
        works.put("object opened", this::objectOpen);
        List<Map.Entry<String, Work>> order = new ArrayList<>(works.entrySet());
        for (int round = -WARM_UP; round < rounds; round++) {
            java.util.Collections.rotate(order, 1);
            for (Map.Entry<String, Work> work : order) {
                double took = cpuSeconds(work.getValue());
                if (round >= 0) {
                    seconds.computeIfAbsent(work.getKey(), _ -> new ArrayList<>()).add(took);
                }
            }
        }
        works.keySet()
                .forEach(name ->
                        OUT.printf(
                                Locale.ROOT,
                                "%-28s %7.0f MB per second of a processor%n",
                                name,
                                MEGABYTES / median(times(name))));
        ratio("FLOE seal", "AES-GCM seal");
        ratio("FLOE open", "AES-GCM open");
        ratio("object opened", "AES-GCM open of a file");
        ratio("object sealed", "AES-GCM seal and 2 SHA-256");
    }

    private void ratio(String one, String of) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < times(one).size(); i++) {
            ratios.add(times(of).get(i) / times(one).get(i));
        }
        OUT.printf(Locale.ROOT, "%s is %.2f of %s%n", one, median(ratios), of);
    }

    private List<Double> times(String name) {
        return seconds.getOrDefault(name, List.of());
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private static double cpuSeconds(Work work) throws Exception {
        long before = spent();
        work.run();
        return (spent() - before) / 1e9;
    }

    /**
     * Nanoseconds of a processor that this thread has had; the vault's module reads no such bean.
     */
    private static long spent() throws ReflectiveOperationException {
        Object threads =
                Class.forName("java.lang.management.ManagementFactory")
                        .getMethod("getThreadMXBean")
                        .invoke(null);
        return (long)
                Class.forName("java.lang.management.ThreadMXBean")
                        .getMethod("getCurrentThreadCpuTime")
                        .invoke(threads);
    }

    private byte[] nonce() {
        byte[] nonce = new byte[12];
        random.nextBytes(nonce);
        return nonce;
    }

    private void gcmSeal() throws GeneralSecurityException {
        for (int i = 0; i < CHUNKS; i++) {
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, nonce()));
            cipher.doFinal(plain, 0, CHUNK, sealed, 16);
        }
    }

    private void floeSeal() {
        for (int i = 0; i < CHUNKS; i++) {
            floe.seal(cipher, i, false, plain, CHUNK, sealed);
        }
    }

    private byte[] gcmSealed(byte[] nonce) throws GeneralSecurityException {
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, nonce));
        return cipher.doFinal(plain);
    }

    private void gcmOpen() throws GeneralSecurityException {
        byte[] nonce = nonce();
        byte[] bytes = gcmSealed(nonce);
        for (int i = 0; i < CHUNKS; i++) {
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, nonce));
            cipher.doFinal(bytes, 0, bytes.length, opened, 0);
        }
    }

    private void floeOpen() {
        floe.seal(cipher, 0, false, plain, CHUNK, sealed);
        for (int i = 0; i < CHUNKS; i++) {
            floe.open(cipher, 0, false, ByteBuffer.wrap(sealed), ByteBuffer.wrap(opened));
        }
    }

    private void writeFlat() throws Exception {
        byte[] one = gcmSealed(flatNonce);
        try (OutputStream out = Files.newOutputStream(flat)) {
            for (int i = 0; i < CHUNKS; i++) {
                out.write(one);
            }
        }
    }

    // The least that anybody does: read the file, open what was read, and put it where it is used.
    private void gcmOpenFile() throws Exception {
        ByteBuffer read = ByteBuffer.allocate(CHUNK + 16);
        try (FileChannel file = FileChannel.open(flat)) {
            for (int i = 0; i < CHUNKS; i++) {
                file.read(read.clear(), (long) i * (CHUNK + 16));
                cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, flatNonce));
                cipher.doFinal(read.array(), 0, CHUNK + 16, opened, 0);
                // Four at a time, as loading does.
                if (i % AT_ONCE == 0) {
                    target.clear();
                }
                target.put(opened);
            }
        }
    }

    private void gcmSealAndHash() throws GeneralSecurityException {
        MessageDigest before = Hashes.sha256();
        MessageDigest after = Hashes.sha256();
        for (int i = 0; i < CHUNKS; i++) {
            before.update(plain);
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, nonce()));
            cipher.doFinal(plain, 0, CHUNK, sealed, 16);
            after.update(sealed);
        }
        before.digest();
        after.digest();
    }

    private void objectSeal() throws Exception {
        var unused =
                objects.seal(
                        context, new ByteArrayInputStream(whole), OutputStream.nullOutputStream());
    }

    private void objectOpen() throws Exception {
        try (OpenedObject opened = objects.open(context, object)) {
            for (int i = 0; i < CHUNKS; i += AT_ONCE) {
                opened.read((long) i * CHUNK, target.clear());
            }
        }
    }
}

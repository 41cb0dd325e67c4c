package atlas.registry;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.ModelChanged;
import atlas.core.AuditLog;
import atlas.core.AuditUnavailableException;
import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.crypto.Hashes;
import atlas.vault.FileKek;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A registry in a folder of its own, over a real vault and a journal that can be broken. */
final class RegistryHome implements AutoCloseable {
    static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-01T00:00:00Z"), ZoneOffset.UTC);
    static final Actor PUSHER = new Actor("paula", "default", "api_key", "k1", "test");
    static final Actor OPERATOR = new Actor("olga", "default", "api_key", "k3", "test");
    static final Actor APPROVER = new Actor("aron", "default", "api_key", "k2", "test");

    /** Text that is in the weights and must be nowhere on disk. */
    static final String SECRET = "the-weights-hold-this-planted-text";

    final Path dir;
    final KeyVault vault;
    final KeyPair signer;
    final MemoryJournal journal = new MemoryJournal();
    ModelRegistry registry;

    RegistryHome(Path dir) {
        this.dir = dir;
        this.vault =
                KeyVault.open(
                        dir.resolve("vault"),
                        FileKek.openOrCreate(dir.resolve("kek")),
                        CLOCK,
                        _ -> {});
        this.signer = keyPair();
        this.registry = open(Faults.NONE);
    }

    static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    ModelRegistry open(Faults faults) {
        return open(new RegistryConfig(models()), faults);
    }

    ModelRegistry open(RegistryConfig config, Faults faults) {
        return ModelRegistry.open(
                config,
                vault.objects("default"),
                vault.sealer(Purpose.WEIGHTS, "default"),
                TrustedSigners.none().withKey("demo", signer.getPublic()),
                journal,
                CLOCK,
                faults);
    }

    void reopen() {
        reopen(Faults.NONE);
    }

    void reopen(Faults faults) {
        registry.close();
        registry = open(faults);
    }

    Path models() {
        return dir.resolve("models");
    }

    /** A folder with weights of so many bytes, a config and a card. */
    Path model(String name, int bytes) throws IOException {
        Path folder = Files.createDirectories(dir.resolve("in-" + name));
        Files.write(folder.resolve("model.safetensors"), safetensors(bytes));
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"" + name + "\"}");
        Files.writeString(folder.resolve("README.md"), "# " + name + "\n");
        return folder;
    }

    static byte[] safetensors(int bytes) {
        byte[] header =
                ("{\"w\":{\"dtype\":\"U8\",\"shape\":["
                                + bytes
                                + "],\"data_offsets\":[0,"
                                + bytes
                                + "]}}")
                        .getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .array());
        out.writeBytes(header);
        byte[] secret = SECRET.getBytes(StandardCharsets.US_ASCII);
        byte[] weights = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            weights[i] = secret[i % secret.length];
        }
        out.writeBytes(weights);
        return out.toByteArray();
    }

    ModelSigner.Signature sign(Path folder) {
        return new ModelSigner(signer.getPrivate(), Optional.empty()).sign(folder);
    }

    ModelVersion push(String name, int bytes) throws IOException {
        Path folder = model(name, bytes);
        return registry.push(folder, name, sign(folder), PUSHER, _ -> {});
    }

    ModelVersion deploy(String name, int bytes) throws IOException {
        ModelRef ref = push(name, bytes).ref();
        registry.approve(ref, APPROVER);
        return registry.deploy(ref, OPERATOR);
    }

    /** Regular files below the registry's folder. */
    List<Path> stored(String folder) throws IOException {
        try (Stream<Path> files = Files.walk(models().resolve(folder))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Override
    public void close() {
        registry.close();
        vault.close();
    }

    /** A journal in memory. */
    static final class MemoryJournal implements AuditLog {
        final List<String> entries = new CopyOnWriteArrayList<>();
        volatile boolean broken;
        volatile Runnable onEntry = () -> {};

        @Override
        public CompletableFuture<Receipt> submit(AuditEvent event) {
            if (broken) {
                return CompletableFuture.failedFuture(
                        new AuditUnavailableException("the journal is broken", null));
            }
            onEntry.run();
            if (event instanceof ModelChanged change) {
                entries.add(change.change() + " " + change.model() + " " + change.detail());
            }
            Digest leaf = Hashes.sha256(event.toString());
            return CompletableFuture.completedFuture(new Receipt(entries.size() - 1, leaf));
        }
    }
}

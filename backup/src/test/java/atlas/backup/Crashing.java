package atlas.backup;

import java.io.ByteArrayInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A process that makes or restores a backup and says after each step that it did, for whoever kills
 * it: {@code create FILE IDENTITY-FILE SEED} or {@code restore FILE IDENTITY-FILE HOME}.
 */
final class Crashing {
    /** In every file, where a reader of ciphertext must not find it. */
    static final String CANARY = "plaintext that must not lie about";

    static final int FILES = 12;

    private static final OutputStream STDOUT = new FileOutputStream(FileDescriptor.out);

    private Crashing() {}

    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[1]);
        BackupIdentity identity =
                BackupIdentity.parse(
                        atlas.core.Sensitive.of(Files.readString(Path.of(arguments[2]))));
        say("begin");
        if (arguments[0].equals("create")) {
            create(file, identity, Long.parseLong(arguments[3]));
        } else {
            restore(file, identity, Path.of(arguments[3]));
        }
        say("end");
    }

    private static void say(String step) throws IOException {
        STDOUT.write((step + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** The content of a backup of this seed. */
    static byte[] content(long seed, int file) {
        byte[] random = new byte[40_000];
        new SplittableRandom(seed * 31 + file).nextBytes(random);
        byte[] canary = (seed + " " + CANARY).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(canary, 0, random, 20_000, canary.length);
        return random;
    }

    static Instant created(long seed) {
        return Backups.CREATED.plusSeconds(seed);
    }

    static void create(Path file, BackupIdentity identity, long seed) throws IOException {
        BackupManifest manifest = new BackupManifest(created(seed), "", 0, "", List.of(), Map.of());
        BackupFile.put(
                file,
                (_, out) -> {
                    try (BackupWriter writer = BackupWriter.begin(out, Backups.only(identity))) {
                        for (int i = 0; i < FILES; i++) {
                            byte[] bytes = content(seed, i);
                            writer.file(
                                    "d" + i % 3 + "/f" + i,
                                    bytes.length,
                                    new ByteArrayInputStream(bytes));
                            say("file " + i);
                        }
                        BackupLabel label = writer.end(manifest, new Backups().signer());
                        say("signed");
                        return label;
                    }
                });
    }

    private static void restore(Path file, BackupIdentity identity, Path home) throws IOException {
        try (RestoredHome restored = RestoredHome.stage(home)) {
            say("staged");
            BackupReading reading =
                    new BackupReader(file, Optional.empty())
                            .read(
                                    List.of(identity),
                                    (path, bytes, content) -> {
                                        restored.file(path, bytes, content);
                                        say("file " + path);
                                    });
            if (!(reading instanceof BackupReading.Holds)) {
                throw new IllegalStateException("it does not hold");
            }
            say("read");
            restored.settle();
            say("settled");
        }
    }
}

package atlas.control;

import atlas.backup.BackupFile;
import atlas.backup.BackupRecipient;
import atlas.backup.BackupRecipients;
import atlas.control.backup.HomeBackup;
import atlas.control.backup.Wish;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditLog;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * What a backup of a large home costs: {@code fill HOME ENTRIES}, then {@code create HOME RECIPIENT
 * FILE WEIGHT-MIB} in a process of its own, so that its memory is its own.
 */
final class BackupBench {
    private static final int WINDOW = 2048;
    private static final int OBJECT_BYTES = 64 << 20;

    private BackupBench() {}

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true);
        Path home = Path.of(arguments[1]);
        try (TrustRoot trust =
                TrustRoot.openOrCreate(home, TrustRootConfig.defaults(), Clock.systemUTC())) {
            if (arguments[0].equals("fill")) {
                fill(trust, Long.parseLong(arguments[2]));
            } else {
                weigh(home, Integer.parseInt(arguments[4]));
                create(trust, Path.of(arguments[2]), Path.of(arguments[3]), out);
            }
        }
    }

    private static void fill(TrustRoot trust, long entries) {
        Deque<CompletableFuture<AuditLog.Receipt>> waiting = new ArrayDeque<>();
        for (long i = 0; i < entries; i++) {
            waiting.add(
                    trust.journal()
                            .submit(
                                    new AdminAct(
                                            "req_" + i,
                                            new Actor(
                                                    "p" + i % 1000,
                                                    "default",
                                                    "api_key",
                                                    "k" + i % 1000,
                                                    "192.0.2.7"),
                                            "key.issue",
                                            "key:" + i,
                                            "allowed",
                                            "",
                                            "{\"n\":" + i + "}")));
            if (waiting.size() > WINDOW) {
                waiting.remove().join();
            }
        }
        waiting.forEach(CompletableFuture::join);
    }

    /** Sealed models, as far as a backup is concerned: large files of noise. */
    private static void weigh(Path home, int mebibytes) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        byte[] noise = new byte[1 << 20];
        for (int i = 0; i < mebibytes; ) {
            Path object = home.resolve("models/objects/%064x".formatted(i));
            try (OutputStream out = Files.newOutputStream(object)) {
                for (int n = 0; n < OBJECT_BYTES && i < mebibytes; n += noise.length, i++) {
                    random.nextBytes(noise);
                    out.write(noise);
                }
            }
        }
    }

    private static void create(TrustRoot trust, Path recipient, Path file, PrintStream out)
            throws IOException {
        BackupRecipients to =
                new BackupRecipients(
                        1, List.of(BackupRecipient.parse(Files.readString(recipient))));
        System.gc();
        long before = resident("VmRSS");
        Files.writeString(Path.of("/proc/self/clear_refs"), "5");
        long begun = System.nanoTime();
        HomeBackup.Made made =
                BackupFile.put(
                        file,
                        (_, stream) -> trust.backups().make(new Wish(to, true, false), stream));
        out.printf(
                Locale.ROOT,
                "create   %6.1f s  %8.1f MiB  %d entries; peak %d MiB, before it %d MiB%n",
                (System.nanoTime() - begun) / 1e9,
                Files.size(file) / 1048576.0,
                made.manifest().entries(),
                resident("VmHWM"),
                before);
    }

    private static long resident(String what) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(what + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                .findFirst()
                .orElse(-1);
    }
}

package atlas.cli;

import atlas.backup.BackupReader;
import atlas.backup.BackupReading;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads a backup from its first byte to its last without restoring it. */
@Command(
        name = "verify",
        description = {
            "Check a backup without restoring it: signature, every byte, the journal's whole tree.",
            "Without an identity the signature and the bytes under it are checked. Works offline."
        },
        footer =
                "%nExample:%n  atlas backup verify atlas-backup --identity recovery.key"
                        + " --public-key verifier.vkey")
final class BackupVerify extends AtlasCommand {
    @Parameters(index = "0", paramLabel = "F", description = "the backup")
    private @Nullable Path file;

    @Option(
            names = "--identity",
            paramLabel = "KEY",
            description = "a file with an identity that opens it; may be repeated")
    private List<Path> identities = List.of();

    @Option(
            names = "--public-key",
            paramLabel = "VKEY",
            description =
                    "the verifier key of the home's journal, as text or in a file (default: the one"
                            + " the backup names itself, which does not show whose it is)")
    private @Nullable String key;

    @Option(
            names = "--checkpoint",
            paramLabel = "FILE",
            description = "the last checkpoint known of this log: is the backup of that log?")
    private @Nullable Path checkpoint;

    @Option(
            names = "--scratch",
            paramLabel = "DIR",
            description =
                    "where the journal, which stays sealed, lies while it is checked (default: the"
                            + " system's temporary directory)")
    private @Nullable Path scratch;

    @Override
    public Integer call() throws IOException {
        Path backup = Objects.requireNonNull(file, "picocli requires it");
        BackupReader reader = new BackupReader(backup, BackupFiles.vkey(key));
        Path folder = identities.isEmpty() ? Path.of("") : temporary();
        try {
            BackupReading reading =
                    identities.isEmpty()
                            ? reader.signature()
                            : reader.read(
                                    BackupFiles.identities(identities),
                                    (path, _, content) -> keep(folder, path, content));
            ObjectNode report = Remote.object();
            int status = report(reading, folder, report);
            terminal().object(report);
            return status;
        } catch (IOException e) {
            throw Stop.unknown("cannot read the backup: " + e);
        } finally {
            if (!identities.isEmpty()) {
                remove(folder);
            }
        }
    }

    private int report(BackupReading reading, Path folder, ObjectNode report) {
        switch (reading) {
            case BackupReading.Holds holds -> {
                BackupFiles.Evidence evidence =
                        BackupFiles.journal(
                                folder,
                                holds.label(),
                                holds.manifest(),
                                Optional.ofNullable(checkpoint));
                if (evidence instanceof BackupFiles.Evidence.Broken broken) {
                    return broken(broken.what(), report);
                }
                BackupFiles.Evidence.Whole whole = (BackupFiles.Evidence.Whole) evidence;
                report.put("verdict", "holds");
                BackupFiles.label(holds.label(), report);
                BackupFiles.manifest(holds.manifest(), report);
                report.put("root", whole.root());
                if (terminal().json()) {
                    report.put("checkpoint", holds.manifest().checkpoint());
                }
                ArrayNode notes = report.putArray("notes");
                whole.notes().forEach(notes::add);
                if (whole.rollsBack()) {
                    notes.add(
                            "the log has "
                                    + whole.known()
                                    + " entries by now: restoring this rolls it back");
                }
                unpinned(notes);
                return Main.YES;
            }
            case BackupReading.Signed signed -> {
                report.put("verdict", "signed");
                BackupFiles.label(signed.label(), report);
                ArrayNode notes = report.putArray("notes");
                notes.add("not opened: no identity was given");
                unpinned(notes);
                return Main.YES;
            }
            case BackupReading.Broken broken -> {
                return broken(broken.what(), report);
            }
            case BackupReading.Locked locked -> {
                report.put("verdict", "locked");
                report.put("what", locked.why());
                return Main.UNKNOWN;
            }
        }
    }

    private static int broken(String what, ObjectNode report) {
        report.put("verdict", "broken");
        report.put("what", what);
        return Main.NO;
    }

    private void unpinned(ArrayNode notes) {
        if (key == null) {
            notes.add("whose it is was not checked: give --public-key");
        }
    }

    private Path temporary() throws IOException {
        return scratch == null
                ? Files.createTempDirectory("atlas-backup-")
                : Files.createTempDirectory(scratch, "atlas-backup-");
    }

    /** The journal alone, as it lies in a home: sealed. */
    private static void keep(Path folder, String path, InputStream content) throws IOException {
        if (path.startsWith(BackupFiles.JOURNAL + "/")
                || path.equals(BackupFiles.JOURNAL + ".signed")) {
            Path target = folder.resolve(path);
            Files.createDirectories(Objects.requireNonNull(target.getParent()));
            Files.copy(content, target);
        }
    }

    private static void remove(Path tree) throws IOException {
        Files.walkFileTree(
                tree,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path one, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(one);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path folder, @Nullable IOException failure) throws IOException {
                        Files.delete(folder);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}

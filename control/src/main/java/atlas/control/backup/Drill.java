package atlas.control.backup;

import atlas.backup.BackupIdentity;
import atlas.backup.BackupLabel;
import atlas.backup.BackupManifest;
import atlas.backup.BackupReader;
import atlas.backup.BackupReading;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.BackupVerified;
import atlas.journal.JournalVerifier;
import atlas.journal.Verification;
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

/**
 * Reads a backup as somebody will who needs it: all of it, and its journal as an outsider checks
 * one. The journal lies aside meanwhile, sealed as it is at home.
 */
final class Drill {
    private static final String JOURNAL = "journal";

    private final Path staging;
    private final List<BackupIdentity> identities;

    /**
     * @param staging where the journal lies while it is checked
     * @param identities what opens the backup; without any, signature and bytes are checked
     */
    Drill(Path staging, List<BackupIdentity> identities) {
        this.staging = staging;
        this.identities = List.copyOf(identities);
    }

    /** What came of it, as it is journaled. */
    BackupVerified run(Path file, BackupLabel made) {
        String depth = identities.isEmpty() ? "signature" : "contents";
        try {
            Outcome outcome = identities.isEmpty() ? signature(file, made) : contents(file, made);
            return new BackupVerified(
                    Actor.system("backup-drill"),
                    made.id(),
                    outcome.verdict(),
                    depth,
                    outcome.entries(),
                    outcome.detail());
        } catch (IOException e) {
            return new BackupVerified(
                    Actor.system("backup-drill"),
                    made.id(),
                    "unreadable",
                    depth,
                    0,
                    e.getClass().getSimpleName());
        }
    }

    private record Outcome(String verdict, long entries, String detail) {
        static Outcome broken(String what) {
            return new Outcome("broken", 0, what);
        }
    }

    private static Outcome signature(Path file, BackupLabel made) throws IOException {
        return outcome(new BackupReader(file, Optional.of(made.vkey())).signature(), made);
    }

    private Outcome contents(Path file, BackupLabel made) throws IOException {
        Path aside = Files.createTempDirectory(Files.createDirectories(staging), "drill-");
        try {
            BackupReading reading =
                    new BackupReader(file, Optional.of(made.vkey()))
                            .read(identities, (path, _, content) -> keep(aside, path, content));
            if (reading instanceof BackupReading.Holds holds && holds.label().equals(made)) {
                return journal(aside.resolve(JOURNAL), made, holds.manifest());
            }
            return outcome(reading, made);
        } finally {
            remove(aside);
        }
    }

    private static Outcome outcome(BackupReading reading, BackupLabel made) {
        return switch (reading) {
            case BackupReading.Signed signed when signed.label().equals(made) ->
                    new Outcome("holds", 0, "");
            case BackupReading.Signed _, BackupReading.Holds _ ->
                    Outcome.broken("it is another backup than the one that was made");
            case BackupReading.Broken broken -> Outcome.broken(broken.what());
            case BackupReading.Locked locked -> new Outcome("locked", 0, locked.why());
        };
    }

    private static Outcome journal(Path journal, BackupLabel made, BackupManifest manifest) {
        return switch (JournalVerifier.verify(journal, Optional.of(made.vkey()), 1)) {
            case Verification.Holds holds when holds.size() == manifest.entries() ->
                    new Outcome("holds", holds.size(), "");
            case Verification.Holds _ ->
                    Outcome.broken("its manifest names another size of the journal");
            case Verification.Broken broken -> Outcome.broken("its journal: " + broken.what());
            case Verification.Unreadable unreadable ->
                    new Outcome("unreadable", 0, unreadable.why());
        };
    }

    private static void keep(Path aside, String path, InputStream content) throws IOException {
        if (path.startsWith(JOURNAL + "/") || path.equals(JOURNAL + ".signed")) {
            Path target = aside.resolve(path);
            Files.createDirectories(Objects.requireNonNull(target.getParent()));
            Files.copy(content, target);
        }
    }

    private static void remove(Path tree) throws IOException {
        Files.walkFileTree(
                tree,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
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

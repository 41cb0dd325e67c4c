package atlas.cli;

import atlas.backup.BackupException;
import atlas.backup.BackupIdentity;
import atlas.backup.BackupLabel;
import atlas.backup.BackupManifest;
import atlas.backup.BackupRecipient;
import atlas.core.Sensitive;
import atlas.journal.JournalVerifier;
import atlas.journal.Verification;
import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the backup commands read, and how they say what they found. */
final class BackupFiles {
    /** The journal in a backup, and what lies beside it that says how far it goes. */
    static final String JOURNAL = "journal";

    private BackupFiles() {}

    /** A recipient, as text or in a file. */
    static BackupRecipient recipient(String given) {
        try {
            return BackupRecipient.parse(textOrFile(given));
        } catch (BackupException e) {
            throw Stop.usage("--recipient: " + e.getMessage());
        }
    }

    /** The identities in these files. */
    static List<BackupIdentity> identities(List<Path> files) {
        List<BackupIdentity> identities = new ArrayList<>();
        for (Path file : files) {
            try {
                identities.add(BackupIdentity.parse(Sensitive.of(Files.readString(file))));
            } catch (IOException e) {
                throw Stop.unknown("cannot read the identity `" + file + "`: " + e.getMessage());
            } catch (BackupException e) {
                throw Stop.usage("`" + file + "`: " + e.getMessage());
            }
        }
        return identities;
    }

    /** A verifier key, as text or in a file. */
    static Optional<String> vkey(@Nullable String given) {
        return Optional.ofNullable(given).map(BackupFiles::textOrFile).map(String::strip);
    }

    private static String textOrFile(String given) {
        try {
            Path file = Path.of(given);
            return Files.isRegularFile(file) ? Files.readString(file) : given;
        } catch (InvalidPathException e) {
            return given;
        } catch (IOException e) {
            throw Stop.unknown("cannot read `" + given + "`: " + e.getMessage());
        }
    }

    /** The verifier key of a home on this machine. */
    static Optional<String> homeKey(Path home) throws IOException {
        Path file = home.resolve(JOURNAL).resolve("verifier.vkey");
        return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    }

    static void label(BackupLabel label, ObjectNode into) {
        into.put("backup", label.id());
        into.put("created", label.created().toString());
        into.put("origin", label.origin());
        into.put("signed_by", label.vkey());
    }

    static void manifest(BackupManifest manifest, ObjectNode into) {
        into.put("entries", manifest.entries());
        into.put("kek", manifest.kek());
        into.put("with", String.join(",", manifest.contents()));
        long files = 0;
        long bytes = 0;
        ObjectNode counts = Remote.object();
        for (var count : new TreeMap<>(manifest.counts()).entrySet()) {
            files += count.getValue().files();
            bytes += count.getValue().bytes();
            ObjectNode one = counts.putObject(count.getKey());
            one.put("files", count.getValue().files());
            one.put("bytes", count.getValue().bytes());
        }
        into.put("files", files);
        into.put("bytes", bytes);
        into.set("contents", counts);
    }

    /** What came of holding the journal of a backup against its signature and what is known. */
    sealed interface Evidence {
        /**
         * It is whole.
         *
         * @param known the size of the log as far as anybody here knows; larger than the journal in
         *     a backup that is older
         */
        record Whole(long entries, String root, long known, List<String> notes)
                implements Evidence {
            boolean rollsBack() {
                return known > entries;
            }
        }

        /** It is not what was signed, or not the log the checkpoint is of. */
        record Broken(String what) implements Evidence {}
    }

    /**
     * Checks the journal of a backup that was read.
     *
     * @param root where its files lie
     * @param known the last checkpoint known of this log
     */
    static Evidence journal(
            Path root, BackupLabel label, BackupManifest manifest, Optional<Path> known) {
        Path journal = root.resolve(JOURNAL);
        return switch (JournalVerifier.verify(journal, Optional.of(label.vkey()))) {
            case Verification.Broken broken ->
                    new Evidence.Broken(
                            "the journal in it: " + broken.what() + " (" + broken.where() + ")");
            case Verification.Unreadable unreadable -> throw Stop.unknown(unreadable.why());
            case Verification.Holds holds -> {
                if (holds.size() != manifest.entries()) {
                    yield new Evidence.Broken("its manifest names another size of the journal");
                }
                if (known.isEmpty()) {
                    yield new Evidence.Whole(
                            holds.size(), holds.root().hex(), holds.size(), holds.notes());
                }
                CheckpointText last = checkpoint(known.get(), label.vkey());
                boolean same =
                        last.size() > holds.size()
                                || JournalVerifier.begins(journal, last, holds.size());
                yield same
                        ? new Evidence.Whole(
                                holds.size(),
                                holds.root().hex(),
                                Math.max(last.size(), holds.size()),
                                holds.notes())
                        : new Evidence.Broken(
                                "the journal in it is not the log of the checkpoint: its first "
                                        + last.size()
                                        + " entries are others");
            }
        };
    }

    private static CheckpointText checkpoint(Path file, String vkey) {
        try {
            return CheckpointText.verified(Files.readAllBytes(file), NoteVerifierKey.parse(vkey));
        } catch (IOException e) {
            throw Stop.unknown("cannot read the checkpoint: " + e.getMessage());
        } catch (MalformedException e) {
            throw Stop.no("the checkpoint in `" + file + "` is not of this log: " + e.getMessage());
        }
    }
}

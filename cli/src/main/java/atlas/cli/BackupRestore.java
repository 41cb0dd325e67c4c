package atlas.cli;

import atlas.backup.BackupException;
import atlas.backup.BackupLabel;
import atlas.backup.BackupManifest;
import atlas.backup.BackupReader;
import atlas.backup.BackupReading;
import atlas.backup.RestoredHome;
import atlas.control.TrustRootRestored;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a home from a backup. */
@Command(
        name = "restore",
        description = {
            "Make a home from a backup, in a directory where nothing is: whole, or not at all.",
            "Refuses what was altered, and a journal that is older than a checkpoint you have."
        },
        footer =
                "%nExample:%n  atlas backup restore atlas-backup --identity recovery.key --kek"
                        + " kek --checkpoint last-checkpoint --home ./restored")
final class BackupRestore extends AtlasCommand {
    private static final String LOCAL = "file:";

    @Parameters(index = "0", paramLabel = "F", description = "the backup")
    private @Nullable Path file;

    @Option(
            names = "--identity",
            required = true,
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
            description =
                    "the last checkpoint known of this log, from a witness, a newer backup or"
                            + " `atlas journal checkpoint`")
    private @Nullable Path checkpoint;

    @Option(
            names = "--accept-rollback",
            description = "restore though the log was longer than the journal in the backup")
    private boolean acceptRollback;

    @Option(
            names = "--kek",
            paramLabel = "FILE",
            description =
                    "the key file of the home, to be put where it belongs (needed by `file:` keys"
                            + " unless the backup was made with it)")
    private @Nullable Path kek;

    @Override
    public Integer call() {
        Path backup = Objects.requireNonNull(file, "picocli requires it");
        BackupReader reader = new BackupReader(backup, BackupFiles.vkey(key));
        var opening = BackupFiles.identities(identities);
        try (RestoredHome restored = RestoredHome.stage(shared().home())) {
            return switch (reader.read(opening, restored)) {
                case BackupReading.Holds holds -> put(restored, holds.label(), holds.manifest());
                case BackupReading.Broken broken ->
                        throw Stop.no("nothing was restored: " + broken.what());
                case BackupReading.Locked locked -> throw Stop.unknown(locked.why());
                case BackupReading.Signed _ ->
                        throw new IllegalStateException("it was read, not just looked at");
            };
        } catch (BackupException e) {
            String said = "nothing was restored: " + e.getMessage();
            throw e.getCause() instanceof IOException ? Stop.unknown(said) : Stop.no(said);
        } catch (IOException e) {
            throw Stop.unknown("nothing was restored: " + e);
        }
    }

    private int put(RestoredHome restored, BackupLabel label, BackupManifest manifest)
            throws IOException {
        BackupFiles.Evidence evidence =
                BackupFiles.journal(
                        restored.root(), label, manifest, Optional.ofNullable(checkpoint));
        if (evidence instanceof BackupFiles.Evidence.Broken broken) {
            throw Stop.no("nothing was restored: " + broken.what());
        }
        BackupFiles.Evidence.Whole whole = (BackupFiles.Evidence.Whole) evidence;
        if (whole.rollsBack() && !acceptRollback) {
            throw Stop.no(
                    "nothing was restored: the backup has "
                            + whole.entries()
                            + " entries, the log had "
                            + whole.known()
                            + "; restore a newer one, or say --accept-rollback");
        }
        List<String> notes = new ArrayList<>(whole.notes());
        keyFile(restored, manifest, notes);
        add(
                restored,
                TrustRootRestored.FILE,
                new TrustRootRestored(label.id(), label.created(), whole.entries(), whole.known())
                        .bytes());
        restored.settle();
        report(label, manifest, whole, notes);
        return Main.YES;
    }

    private static void add(RestoredHome restored, String path, byte[] bytes) throws IOException {
        restored.file(path, bytes.length, new ByteArrayInputStream(bytes));
    }

    /** The key to all that is sealed in it, where that is a file which was not in the backup. */
    private void keyFile(RestoredHome restored, BackupManifest manifest, List<String> notes)
            throws IOException {
        String uri = manifest.kek();
        int question = uri.indexOf('?');
        String place = question < 0 ? uri : uri.substring(0, question);
        boolean in = manifest.contents().contains("kek");
        boolean local = place.startsWith(LOCAL) && !place.startsWith(LOCAL + "/");
        if (kek == null) {
            if (!in && local) {
                notes.add(
                        "before the first start put the key file at `"
                                + shared().home().resolve(place.substring(LOCAL.length()))
                                + "`, mode 0600: it is not in the backup");
            } else if (!in) {
                notes.add("it needs its key encryption key, `" + uri + "`");
            }
            return;
        }
        if (in || !local) {
            throw Stop.usage(
                    in
                            ? "--kek: the backup was made with its key file"
                            : "--kek: the key of this home is no file of it but `" + uri + "`");
        }
        byte[] bytes = Files.readAllBytes(kek);
        if (!new String(bytes, StandardCharsets.ISO_8859_1).startsWith("atlas file kek")) {
            throw Stop.usage("`" + kek + "` is not an atlas key file");
        }
        add(restored, place.substring(LOCAL.length()), bytes);
    }

    private void report(
            BackupLabel label,
            BackupManifest manifest,
            BackupFiles.Evidence.Whole whole,
            List<String> notes) {
        if (key == null) {
            notes.add("whose it is was not checked: give --public-key");
        }
        if (checkpoint == null) {
            notes.add("whether the log was longer was not checked: give --checkpoint");
        }
        ObjectNode report = Remote.object();
        report.put("home", shared().home().toString());
        BackupFiles.label(label, report);
        BackupFiles.manifest(manifest, report);
        report.put("root", whole.root());
        ArrayNode said = report.putArray("notes");
        notes.forEach(said::add);
        terminal().object(report);
    }
}

package atlas.control.backup;

import atlas.backup.BackupException;
import atlas.backup.BackupLabel;
import atlas.backup.BackupManifest;
import atlas.backup.BackupRecipient;
import atlas.backup.BackupSigner;
import atlas.backup.BackupWriter;
import atlas.control.store.ControlStore;
import atlas.journal.Journal;
import atlas.journal.JournalCopy;
import atlas.vault.KeyVault;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes backups of a home that is in use.
 *
 * <p>The order makes them whole: what is in effect first, then the journal, which has every change
 * before it takes effect, then the keys of the journal's entries, and last the keyring, which has
 * every key that anything before it was sealed with. Plain copies are of files that are put in
 * place whole. Never in a backup: the bootstrap credentials, files with a key encryption key unless
 * asked for, what is being uploaded, locks. Blocks on disk and on the stream. Thread-safe.
 */
public final class HomeBackup {
    private static final String MODELS = "models";
    private static final String JOURNAL = "journal";
    private static final String VAULT = "vault";
    private static final String LOCAL_KEK = "file:";

    /** Read by their own rules, or not at all. */
    private static final Set<String> APART =
            Set.of(
                    MODELS,
                    JOURNAL,
                    JOURNAL + ".signed",
                    JOURNAL + ".keys",
                    VAULT,
                    "staging",
                    "bootstrap.json",
                    "run.json");

    private final Path root;
    private final Parts parts;
    private final List<BackupRecipient> mayHoldKek;
    private final Clock clock;

    /** What of a home is asked, rather than read from its files. */
    public record Parts(Journal journal, ControlStore store, String storeFile, KeyVault vault) {}

    /**
     * @param mayHoldKek whom alone a backup with the key encryption key may be for
     */
    public HomeBackup(Path root, Parts parts, List<BackupRecipient> mayHoldKek, Clock clock) {
        this.root = root;
        this.parts = parts;
        this.mayHoldKek = List.copyOf(mayHoldKek);
        this.clock = clock;
    }

    /** A backup that was made. */
    public record Made(BackupLabel label, BackupManifest manifest) {}

    /**
     * Writes a backup to a stream, which is not closed.
     *
     * @throws BackupException when the home or the wish does not allow it
     * @throws atlas.journal.JournalException when the journal cannot be copied
     */
    public Made make(Wish wish, OutputStream out) throws IOException {
        refusal(wish)
                .ifPresent(why -> {
                    throw new BackupException(why);
                });
        try (BackupWriter writer = BackupWriter.begin(out, wish.to())) {
            HomeFiles files = new HomeFiles(root, writer::file);
            for (String name : files.names()) {
                if (!APART.contains(name) && !name.startsWith(parts.storeFile())) {
                    files.below(name);
                }
            }
            models(files, wish.weights());
            store(writer);
            JournalCopy journal = parts.journal().copy();
            journal.writeTo(writer::file);
            files.below(VAULT);
            String kek = parts.vault().kek();
            if (wish.kek()) {
                files.exactly(kekFile(kek));
            }
            BackupManifest manifest =
                    new BackupManifest(
                            clock.instant(),
                            journal.checkpoint().note(),
                            journal.checkpoint().size(),
                            kek,
                            wish.contents(),
                            Map.of());
            return new Made(writer.end(manifest, new Signer(journal)), manifest);
        }
    }

    /** Why a backup is not made as it is wished for; empty when it is. */
    public Optional<String> refusal(Wish wish) {
        if (!wish.kek()) {
            return Optional.empty();
        }
        // Who may make backups may not read what is recorded: not with a key of their own either.
        if (!mayHoldKek.containsAll(wish.to().recipients())) {
            return Optional.of(
                    "the key encryption key goes only into backups for recipients that"
                            + " `backup.kek-recipients` in the configuration names");
        }
        try {
            kekFile(parts.vault().kek());
            return Optional.empty();
        } catch (BackupException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    // The index names what counts; it goes first, so that what it names is still there or newer.
    private void models(HomeFiles files, boolean weights) throws IOException {
        for (String name : List.of("index", "records", "objects")) {
            boolean wanted = weights || !name.equals("objects");
            if (wanted && Files.exists(root.resolve(MODELS).resolve(name))) {
                files.below(MODELS + "/" + name);
            }
        }
    }

    // Its records are sealed in it, so they are in the copy, too.
    private void store(BackupWriter writer) throws IOException {
        Path staging = root.resolve("staging");
        Path copy = Files.createTempFile(Files.createDirectories(staging), "store-", ".copy");
        try {
            parts.store().copyTo(copy);
            try (var content = Files.newInputStream(copy)) {
                writer.file(parts.storeFile(), Files.size(copy), content);
            }
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** The file a local key encryption key lies in. */
    private Path kekFile(String uri) {
        int question = uri.indexOf('?');
        String place = question < 0 ? uri : uri.substring(0, question);
        Path file =
                place.startsWith(LOCAL_KEK)
                        ? root.resolve(place.substring(LOCAL_KEK.length())).normalize()
                        : root;
        if (file.equals(root) || !file.startsWith(root)) {
            throw new BackupException(
                    "the key encryption key `"
                            + uri
                            + "` does not lie in this home, so it cannot go into the backup; keep"
                            + " it where it is, and keep that safe");
        }
        return file;
    }

    /** Signs as the log that is in the backup. */
    private record Signer(JournalCopy journal) implements BackupSigner {
        @Override
        public String vkey() {
            return journal.vkey();
        }

        @Override
        public String sign(String kind, List<String> lines) {
            return journal.sign(kind, lines);
        }
    }
}

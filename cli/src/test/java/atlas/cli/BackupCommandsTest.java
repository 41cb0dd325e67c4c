package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.backup.BackupIdentity;
import atlas.backup.BackupReader;
import atlas.backup.BackupReading;
import atlas.core.Sensitive;
import atlas.tlog.CheckpointText;
import atlas.tlog.NoteSigner;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A home in use is backed up by the commands, looked at, and put back elsewhere. */
class BackupCommandsTest {
    private static final String CANARY = "a prompt that only the recipient may find, or not even";

    @TempDir static Path temp;

    private static Installation running;
    private static Path bare;
    private static Path whole;
    private static Path later;
    private static long entries;

    private static Path home() {
        return temp.resolve("home");
    }

    private static Installation up(Path home) throws IOException {
        return up(home, new Settings(Optional.empty()));
    }

    private static Installation up(Path home, Settings settings) throws IOException {
        Installation up =
                Installation.start(
                        home,
                        settings,
                        Optional.of(0),
                        Optional.of(0),
                        Path.of("..", "models"),
                        Clock.systemUTC(),
                        _ -> {});
        RunFile.write(home, up.listening());
        return up;
    }

    private static Shell.Said at(Path home, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--home", home.toString(), "--output", "json"));
        all.addAll(List.of(arguments));
        return Shell.run(all.toArray(String[]::new));
    }

    private static JsonNode json(Shell.Said said) throws IOException {
        assertThat(said.status()).as("%s%s", said.out(), said.err()).isZero();
        return Remote.JSON.readTree(said.out());
    }

    private static String path(String name) {
        return temp.resolve(name).toString();
    }

    @BeforeAll
    static void backUp() throws IOException {
        json(at(home(), "backup", "keygen", "-o", path("a")));
        json(at(home(), "backup", "keygen", "-o", path("b")));
        Path config =
                Files.writeString(
                        temp.resolve("atlas.yaml"), "backup:\n  kek-recipients: [a.pub]\n");
        running = up(home(), new Settings(Optional.of(config)));
        assertThat(at(home(), "chat", CANARY).status()).isZero();
        bare = temp.resolve("bare");
        JsonNode made =
                json(
                        at(
                                home(),
                                "backup",
                                "create",
                                "--recipient",
                                path("a.pub"),
                                "--recipient",
                                path("b.pub"),
                                "--threshold",
                                "2",
                                "-o",
                                bare.toString()));
        assertThat(made.path("bytes").asLong()).isEqualTo(Files.size(bare));
        whole = temp.resolve("whole");
        json(
                at(
                        home(),
                        "backup",
                        "create",
                        "--recipient",
                        Files.readString(temp.resolve("a.pub")).strip(),
                        "--with-weights",
                        "--with-kek",
                        "-o",
                        whole.toString()));
        // What was recorded of the backup itself is in no checkpoint of it.
        long size =
                json(at(home(), "backup", "verify", whole.toString(), "--identity", path("a")))
                        .path("entries")
                        .asLong();
        at(home(), "journal", "prove", Long.toString(size), "-o", path("proof"));
        JsonNode checkpoint = json(at(home(), "journal", "checkpoint"));
        later = Files.writeString(temp.resolve("later"), checkpoint.path("note").asText());
        entries = checkpoint.path("size").asLong();
    }

    @AfterAll
    static void end() {
        running.close();
    }

    @Test
    void isCheckedWithoutBeingRestored() throws IOException {
        Path scratch = Files.createDirectory(temp.resolve("scratch"));
        JsonNode report =
                json(
                        at(
                                home(),
                                "backup",
                                "verify",
                                bare.toString(),
                                "--identity",
                                path("a"),
                                "--identity",
                                path("b"),
                                "--public-key",
                                home().resolve("journal/verifier.vkey").toString(),
                                "--checkpoint",
                                later.toString(),
                                "--scratch",
                                scratch.toString()));
        assertThat(report.path("verdict").asText()).isEqualTo("holds");
        assertThat(report.path("entries").asLong()).isPositive().isLessThan(entries);
        assertThat(report.path("with").asText()).isEmpty();
        assertThat(report.at("/contents/models/files").asLong()).isPositive();
        assertThat(report.path("notes").toString()).contains("rolls it back");
        assertThat(scratch).isEmptyDirectory();

        JsonNode signed = json(at(home(), "backup", "verify", bare.toString()));
        assertThat(signed.path("verdict").asText()).isEqualTo("signed");
        Shell.Said one = at(home(), "backup", "verify", bare.toString(), "--identity", path("a"));
        assertThat(one.status()).isEqualTo(Main.UNKNOWN);
        assertThat(one.out()).contains("\"locked\"", "it takes 2");
    }

    @Test
    void anAlteredOneIsNotRestored() throws IOException {
        byte[] bytes = Files.readAllBytes(whole);
        bytes[bytes.length / 2] ^= 1;
        Path bad = Files.write(temp.resolve("bad"), bytes);
        Shell.Said verified = at(home(), "backup", "verify", bad.toString());
        assertThat(verified.status()).isEqualTo(Main.NO);
        Path to = temp.resolve("never");
        Shell.Said said = at(to, "backup", "restore", bad.toString(), "--identity", path("a"));
        assertThat(said.status()).isEqualTo(Main.NO);
        assertThat(to).doesNotExist();
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void aRollbackIsRefusedUnlessItIsMeant() throws Exception {
        Path to = temp.resolve("rolled-back");
        Shell.Said refused = restore(to, later);
        assertThat(refused.status()).isEqualTo(Main.NO);
        assertThat(refused.err()).contains("the log had " + entries, "--accept-rollback");
        assertThat(to).doesNotExist();

        NoteSigner other = NoteSigner.generate("other.example/journal");
        String foreign =
                other.checkpoint(
                        new CheckpointText(
                                "other.example/journal", 3, atlas.core.crypto.Hashes.sha256("x")));
        Path elsewhere = Files.writeString(temp.resolve("elsewhere"), foreign);
        assertThat(restore(to, elsewhere, "--accept-rollback").status()).isEqualTo(Main.NO);

        assertThat(restore(to, later, "--accept-rollback").status()).isZero();
        assertThat(to.resolve("trust-root.json")).exists();
        assertThat(restore(to, later, "--accept-rollback").err()).contains("already");
        assertThat(leftovers()).isEmpty();
    }

    private Shell.Said restore(Path to, Path checkpoint, String... more) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "backup",
                                "restore",
                                whole.toString(),
                                "--identity",
                                path("a"),
                                "--checkpoint",
                                checkpoint.toString()));
        all.addAll(List.of(more));
        return at(to, all.toArray(String[]::new));
    }

    private List<String> leftovers() throws IOException {
        try (Stream<Path> there = Files.list(temp)) {
            return there.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("."))
                    .toList();
        }
    }

    @Test
    void aRestoredHomeServesAndSaysWhatItIs() throws Exception {
        Path to = temp.resolve("restored");
        JsonNode report =
                json(at(to, "backup", "restore", whole.toString(), "--identity", path("a")));
        assertThat(report.path("notes").toString()).doesNotContain("key file");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(to)))
                .isEqualTo("rwx------");
        // The keys of the first day are in the store, and their file is in no backup.
        Files.copy(home().resolve("bootstrap.json"), to.resolve("bootstrap.json"));
        Installation restored = up(to);
        try {
            assertThat(at(to, "chat", "hello").out()).isNotBlank();
            Shell.Said found = at(to, "journal", "search", "--kind", "backup.restored");
            assertThat(found.out()).contains(report.path("backup").asText());
            assertThat(at(to, "journal", "search", CANARY).out()).contains(CANARY);
            assertThat(to.resolve("restored.json")).doesNotExist();
            assertThat(json(at(to, "journal", "verify")).path("verdict").asText())
                    .isEqualTo("holds");
            // Made for the other half of the test, and known to the restored home.
            assertThat(at(to, "backup", "list").out()).contains("backup.created");
        } finally {
            restored.close();
        }
    }

    /** Who may make backups could read all of them with a key of their own, but for this. */
    @Test
    void theKekGoesToNobodyThatTheConfigurationDoesNotName() throws IOException {
        Path file = temp.resolve("greedy");
        Shell.Said said =
                at(
                        home(),
                        "backup",
                        "create",
                        "--recipient",
                        path("a.pub"),
                        "--recipient",
                        path("b.pub"),
                        "--with-kek",
                        "-o",
                        file.toString());
        assertThat(said.status()).as(said.err()).isEqualTo(Main.NO);
        assertThat(said.err()).contains("kek-recipients");
        assertThat(file).doesNotExist();
        assertThat(at(home(), "journal", "search", "kek-recipients").out())
                .contains("backup.create", "denied");
    }

    /** The key file is put beside it, and what ships with Atlas is pushed again. */
    @Test
    void aHomeRestoredWithoutWeightsServesWhatShips() throws Exception {
        Path to = temp.resolve("light");
        Path kek = Files.copy(home().resolve("keys/kek"), temp.resolve("kek"));
        JsonNode report =
                json(
                        at(
                                to,
                                "backup",
                                "restore",
                                bare.toString(),
                                "--identity",
                                path("b"),
                                "--identity",
                                path("a"),
                                "--kek",
                                kek.toString()));
        assertThat(report.path("notes").toString()).doesNotContain("key file");
        Files.copy(home().resolve("bootstrap.json"), to.resolve("bootstrap.json"));
        Installation restored = up(to);
        try {
            assertThat(at(to, "chat", "hello").out()).isNotBlank();
            assertThat(at(to, "model", "list").out()).contains("\"version\":2");
        } finally {
            restored.close();
        }
    }

    /** What opening shows is what lies on the server's disk: sealed, and without the KEK. */
    @Test
    void withoutTheKekAnOpenedBackupShowsNothing() throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        BackupReading reading =
                new BackupReader(bare, Optional.empty())
                        .read(
                                List.of(identity("a"), identity("b")),
                                (name, _, in) -> files.put(name, in.readAllBytes()));
        assertThat(reading).isInstanceOf(BackupReading.Holds.class);
        assertThat(files.keySet())
                .contains("store.db", "journal.signed", "vault/keyring", "models/index")
                .noneMatch(name -> name.contains("bootstrap") || name.contains("kek"));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        files.values().forEach(all::writeBytes);
        String text = all.toString(StandardCharsets.ISO_8859_1);
        String key =
                Remote.JSON
                        .readTree(home().resolve("bootstrap.json").toFile())
                        .at("/consumer/key")
                        .asText();
        assertThat(key).isNotEmpty();
        assertThat(text).doesNotContain(CANARY, "atlas file kek", key);
    }

    private BackupIdentity identity(String name) throws IOException {
        return BackupIdentity.parse(Sensitive.of(Files.readString(temp.resolve(name))));
    }

    @Test
    void keysAreNeverOverwritten() {
        assertThat(at(home(), "backup", "keygen", "-o", path("a")).status()).isEqualTo(Main.USAGE);
        Shell.Said printed = at(home(), "backup", "keygen");
        assertThat(printed.out()).contains("atlas-backup-identity-1:", "atlas-backup-recipient-1:");
        Shell.Said wrong =
                at(home(), "backup", "create", "--recipient", path("a"), "-o", path("no"));
        assertThat(wrong.status()).isEqualTo(Main.USAGE);
        assertThat(wrong.err()).contains("keep the identity away from the server");
    }
}

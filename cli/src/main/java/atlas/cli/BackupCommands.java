package atlas.cli;

import atlas.backup.BackupFile;
import atlas.backup.BackupIdentity;
import atlas.backup.BackupReader;
import atlas.backup.BackupReading;
import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Backups. */
@Command(
        name = "backup",
        description = "Back a home up so that its server cannot read it; check and restore that.",
        subcommands = {
            BackupCommands.Keygen.class,
            BackupCommands.Create.class,
            BackupVerify.class,
            BackupRestore.class,
            BackupCommands.Listing.class
        })
final class BackupCommands extends Group {
    private static final String PATH = "/api/v1/backups";

    static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final Set<StandardOpenOption> NEW =
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);

    @Command(
            name = "keygen",
            description = {
                "Make a key pair for backups, away from the server.",
                "The identity opens backups; the recipient is what the server gets."
            },
            footer = "%nExample:%n  atlas backup keygen -o recovery.key")
    static final class Keygen extends AtlasCommand {
        @Option(
                names = {"-o", "--out"},
                paramLabel = "F",
                description =
                        "write the identity to this new file and the recipient beside it, as F.pub"
                                + " (default: both to standard output)")
        private @Nullable Path out;

        @Override
        public Integer call() throws IOException {
            BackupIdentity identity = BackupIdentity.generate();
            String recipient = identity.recipient().text();
            String text =
                    "# opens backups; keep it offline, away from the server they are of\n# made "
                            + Instant.now()
                            + "\n# recipient: "
                            + recipient
                            + "\n"
                            + identity.text().reveal()
                            + "\n";
            ObjectNode made = Remote.object();
            made.put("id", identity.recipient().id());
            if (out == null) {
                made.put("recipient", recipient);
                made.put("identity", identity.text().reveal());
                if (terminal().json()) {
                    terminal().object(made);
                } else {
                    terminal().stream(text);
                }
                return Main.YES;
            }
            Path pub = out.resolveSibling(out.getFileName() + ".pub");
            write(pub, recipient + "\n");
            write(out, text);
            made.put("recipient", pub.toString());
            made.put("identity", out.toString());
            terminal().object(made);
            terminal().say("atlas: give the server " + pub + ", and nobody " + out);
            return Main.YES;
        }

        private static void write(Path file, String text) throws IOException {
            try (FileChannel channel = FileChannel.open(file, NEW, PRIVATE);
                    OutputStream stream = Channels.newOutputStream(channel)) {
                stream.write(text.getBytes(StandardCharsets.US_ASCII));
                channel.force(true);
            } catch (FileAlreadyExistsException e) {
                throw Stop.usage(
                        "`"
                                + file
                                + "` is there already; a key is never overwritten: name another");
            }
        }
    }

    @Command(
            name = "create",
            description = {
                "Make a backup of a running home, sealed for its recipients.",
                "Whoever has the server cannot open it. The key encryption key is not in it"
                        + " unless asked for."
            },
            footer =
                    "%nExample:%n  atlas backup create --recipient recovery.key.pub"
                            + " -o atlas-backup")
    static final class Create extends AtlasCommand {
        @Option(
                names = "--recipient",
                required = true,
                paramLabel = "PUB",
                description = "who can open it, as text or in a file; may be repeated")
        private List<String> recipients = List.of();

        @Option(
                names = "--threshold",
                paramLabel = "M",
                description = "how many of the recipients it takes together (default: 1)")
        private int threshold = 1;

        @Option(
                names = "--with-weights",
                description =
                        "with the sealed models; without, they are pushed again after a restore")
        private boolean weights;

        @Option(
                names = "--with-kek",
                description =
                        "with the key encryption key, when it is a file of the home: a backup that"
                                + " needs nothing else; only for recipients that"
                                + " backup.kek-recipients names")
        private boolean kek;

        @Option(
                names = {"-o", "--out"},
                required = true,
                paramLabel = "F",
                description = "the file; one that is there is replaced when the new one is whole")
        private @Nullable Path out;

        @Override
        public Integer call() {
            ObjectNode wish = Remote.object();
            ArrayNode to = wish.putArray("recipients");
            recipients.forEach(one -> to.add(BackupFiles.recipient(one).text()));
            wish.put("threshold", threshold);
            wish.put("weights", weights);
            wish.put("kek", kek);
            Remote control = Remote.control(shared(), Role.SECURITY_ADMIN);
            Path file = Objects.requireNonNull(out, "picocli requires it").toAbsolutePath();
            try (InputStream body = control.stream("POST", PATH, Optional.of(wish))) {
                Optional<String> vkey = BackupFiles.homeKey(shared().home());
                ObjectNode report =
                        BackupFile.put(
                                file,
                                (aside, stream) -> {
                                    body.transferTo(stream);
                                    return checked(new BackupReader(aside, vkey));
                                });
                report.put("file", file.toString());
                report.put("bytes", Files.size(file));
                terminal().object(report);
                return Main.YES;
            } catch (IOException e) {
                throw Stop.unknown("no backup was made: " + e.getMessage());
            }
        }

        /** What was received counts only when every byte of it is the server's. */
        private static ObjectNode checked(BackupReader received) throws IOException {
            return switch (received.signature()) {
                case BackupReading.Signed signed -> {
                    ObjectNode report = Remote.object();
                    BackupFiles.label(signed.label(), report);
                    yield report;
                }
                case BackupReading.Broken broken ->
                        throw Stop.unknown(
                                "the server did not finish the backup, its log says why: "
                                        + broken.what());
                case BackupReading.Holds _, BackupReading.Locked _ ->
                        throw new IllegalStateException("a signature opens nothing");
            };
        }
    }

    @Command(name = "list", description = "The backups that were made, checked and restored last.")
    static final class Listing extends AtlasCommand {
        @Override
        public Integer call() {
            JsonNode backups =
                    Remote.control(shared(), Role.SECURITY_ADMIN).read(PATH).path("backups");
            terminal()
                    .rows(
                            backups,
                            List.of(
                                    Terminal.Column.field("WHEN", "when"),
                                    Terminal.Column.field("WHAT", "kind"),
                                    new Terminal.Column(
                                            "BACKUP", row -> row.path("event").path("backup")),
                                    new Terminal.Column(
                                            "ENTRIES", row -> row.path("event").path("entries")),
                                    new Terminal.Column(
                                            "VERDICT", row -> row.path("event").path("verdict"))));
            return Main.YES;
        }
    }
}

package atlas.backup;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.crypto.Hashes;
import atlas.core.crypto.SealFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Anybody can seal a backup for a public key and sign it with a key of their own: what comes out of
 * the cipher is as hostile as what goes in.
 */
class HostileBackupTest {
    private static final BackupIdentity KEY = BackupIdentity.generate();

    @TempDir Path temp;

    private final Backups backups = new Backups();

    private interface Content {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        content.write(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    /** Seals and signs any content. */
    private Path sealed(byte[] content) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] key = SealFormat.newKey();
        BackupHeader header = BackupHeader.wrap(key, Backups.only(KEY));
        all.writeBytes(header.encoded());
        SealingStream sealing = new SealingStream(all, key, header.context());
        sealing.write(content);
        sealing.end();
        BackupLabel label =
                new BackupLabel(
                        "example.test/journal/1",
                        backups.vkey(),
                        Backups.CREATED,
                        all.size(),
                        Hashes.sha256(all.toByteArray()));
        byte[] note =
                backups.signer()
                        .sign(BackupLabel.KIND, label.lines())
                        .getBytes(StandardCharsets.UTF_8);
        all.writeBytes(note);
        all.writeBytes(ByteBuffer.allocate(4).putInt(note.length).array());
        return Files.write(temp.resolve("b"), all.toByteArray());
    }

    private BackupReading read(byte[] content) throws IOException {
        AtomicLong got = new AtomicLong();
        return new BackupReader(sealed(content), Optional.of(backups.vkey()))
                .read(
                        List.of(KEY),
                        (_, _, in) -> {
                            got.addAndGet(in.readNBytes(1 << 20).length);
                            assertThat(got.get()).isLessThan(64 << 20);
                        });
    }

    private static void file(DataOutputStream out, String path, byte[] content) throws IOException {
        out.writeByte(BackupWriter.FILE);
        try (FileRecord.Writer writer = new FileRecord.Writer(out)) {
            writer.file(path, content.length, new ByteArrayInputStream(content));
        }
    }

    private static void manifest(DataOutputStream out, BackupManifest manifest) throws IOException {
        byte[] json = manifest.json();
        out.writeByte(BackupWriter.MANIFEST);
        out.writeInt(json.length);
        out.write(json);
    }

    private void refused(String what, Content content) throws IOException {
        assertThat(read(bytes(content))).as(what).isInstanceOf(BackupReading.Broken.class);
    }

    @Test
    void whatCannotBeIsRefused() throws IOException {
        byte[] one = {1};
        for (String path : List.of("../x", "/x", "a/../x", ".x", "a\u0000b", "", "x/")) {
            refused(path, out -> file(out, path, one));
        }
        refused(
                "twice",
                out -> {
                    file(out, "a", one);
                    file(out, "a", one);
                });
        refused(
                "too many folders",
                out -> {
                    for (int i = 0; i < 300; i++) {
                        file(out, "g" + i, new byte[0]);
                    }
                });
        refused(
                "counts that are not so",
                out -> {
                    file(out, "a", one);
                    manifest(out, Backups.manifest());
                });
        refused("no manifest", out -> file(out, "a", one));
        refused("nothing", _ -> {});
        refused("an unknown record", out -> out.writeByte(9));
        refused(
                "a manifest of two gigabytes",
                out -> {
                    out.writeByte(BackupWriter.MANIFEST);
                    out.writeInt(Integer.MAX_VALUE);
                });
        refused(
                "more after the manifest",
                out -> {
                    manifest(out, Backups.manifest());
                    out.writeByte(0);
                });
        refused(
                "another time than the label's",
                out ->
                        manifest(
                                out,
                                new BackupManifest(
                                        Backups.CREATED.plusSeconds(1),
                                        "",
                                        0,
                                        "",
                                        List.of(),
                                        java.util.Map.of())));
    }

    @Test
    void aBlockThatIsMoreThanItSaysIsRefused() throws IOException {
        for (int[] block :
                new int[][] {
                    {1, Integer.MAX_VALUE, 10},
                    {0, 100, 10},
                    {0, -1, -1},
                    {1, 10, 2_000_000},
                    {2, 10, 10},
                    {1, 100_000, 3}
                }) {
            refused(
                    "block of %d %d %d".formatted(block[0], block[1], block[2]),
                    out -> {
                        out.writeByte(BackupWriter.FILE);
                        out.writeShort(1);
                        out.writeByte('a');
                        out.writeLong(100_000);
                        out.writeByte(block[0]);
                        out.writeInt(block[1]);
                        out.writeInt(block[2]);
                        out.write(new byte[100_000]);
                    });
        }
    }

    /** Whatever bytes come out of the cipher, the answer is one of the four. */
    @Test
    void changedContentIsAnsweredAndNeverBelieved() throws IOException {
        byte[] good =
                bytes(out -> {
                    file(out, "a/b", new byte[3000]);
                    file(out, "c", "text".getBytes(StandardCharsets.US_ASCII));
                    manifest(
                            out,
                            Backups.manifest()
                                    .counted(
                                            java.util.Map.of(
                                                    "a",
                                                    new BackupManifest.Count(1, 3000),
                                                    "c",
                                                    new BackupManifest.Count(1, 4))));
                });
        assertThat(read(good)).isInstanceOf(BackupReading.Holds.class);
        SplittableRandom random = new SplittableRandom(41);
        for (int round = 0; round < 150; round++) {
            byte[] bad = good.clone();
            for (int i = 0; i <= random.nextInt(3); i++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            BackupReading reading = read(bad);
            assertThat(reading)
                    .as("round %d", round)
                    .isInstanceOfAny(BackupReading.Broken.class, BackupReading.Holds.class);
        }
    }
}

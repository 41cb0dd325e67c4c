package atlas.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Sensitive;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
    private static final BackupIdentity KEY = BackupIdentity.generate();
    private static final String CANARY = "what nobody but the recipient may read";

    @TempDir Path temp;

    private final Backups backups = new Backups();

    private static Map<String, byte[]> content() {
        SplittableRandom random = new SplittableRandom(7);
        byte[] big = new byte[700_001];
        random.nextBytes(big);
        byte[] even = new byte[2 * FileRecord.BLOCK_BYTES];
        return new TreeMap<>(
                Map.of(
                        "store.db",
                        CANARY.repeat(20_000).getBytes(StandardCharsets.UTF_8),
                        "models/objects/ab",
                        big,
                        "models/even",
                        even,
                        "empty",
                        new byte[0],
                        "one",
                        new byte[] {1}));
    }

    private Map<String, byte[]> readBack(Path file, List<BackupIdentity> with) throws IOException {
        Map<String, byte[]> read = new TreeMap<>();
        BackupReading reading =
                new BackupReader(file, Optional.of(backups.vkey()))
                        .read(with, (path, _, in) -> read.put(path, in.readAllBytes()));
        assertThat(reading).isInstanceOf(BackupReading.Holds.class);
        return read;
    }

    private BackupReading verdict(Path file, BackupIdentity... with) throws IOException {
        return new BackupReader(file, Optional.of(backups.vkey()))
                .read(List.of(with), (_, _, _) -> {});
    }

    @Test
    void givesBackWhatWasPutIn() throws IOException {
        Path file = temp.resolve("b");
        BackupLabel label = backups.write(file, Backups.only(KEY), content());
        Map<String, byte[]> read = readBack(file, List.of(KEY));
        assertThat(read.keySet()).isEqualTo(content().keySet());
        content().forEach((path, bytes) -> assertThat(read.get(path)).as(path).isEqualTo(bytes));

        BackupReading.Holds holds = (BackupReading.Holds) verdict(file, KEY);
        assertThat(holds.label()).isEqualTo(label);
        assertThat(holds.manifest().counts().get("models"))
                .isEqualTo(new BackupManifest.Count(2, 700_001 + 2L * FileRecord.BLOCK_BYTES));
        assertThat(holds.manifest().kek()).isEqualTo("file:keys/kek");
    }

    @Test
    void isSmallerThanWhatRepeatsAndShowsNothingOfIt() throws IOException {
        Path file = temp.resolve("b");
        byte[] text = CANARY.repeat(20_000).getBytes(StandardCharsets.UTF_8);
        backups.write(file, Backups.only(KEY), Map.of("store.db", text));
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(bytes).doesNotContain("nobody", "store.db", "file:keys/kek");
        assertThat(Files.size(file)).isLessThan(text.length / 10);
    }

    @Test
    void twoBackupsOfOneThingShareNoBytes() throws IOException {
        Path one = temp.resolve("1");
        Path two = temp.resolve("2");
        backups.write(one, Backups.only(KEY), content());
        backups.write(two, Backups.only(KEY), content());
        byte[] a = Files.readAllBytes(one);
        byte[] b = Files.readAllBytes(two);
        int from = 2000;
        assertThat(Arrays.mismatch(a, from, a.length, b, from, b.length)).isLessThan(3);
    }

    @Test
    void oneFlippedBitAnywhereIsFound() throws IOException {
        Path file = temp.resolve("b");
        backups.write(file, Backups.only(KEY), Map.of("one", new byte[300_000]));
        byte[] good = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(11);
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            places.add(random.nextInt(good.length));
        }
        for (int edge : new int[] {0, 8, 9, 10, 11, 19, 1139, good.length - 1, good.length - 20}) {
            places.add(edge);
        }
        for (int place : places) {
            byte[] bad = good.clone();
            bad[place] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bad);
            assertThat(verdict(file, KEY))
                    .as("byte %d of %d", place, good.length)
                    .isNotInstanceOf(BackupReading.Holds.class);
            assertThat(new BackupReader(file, Optional.of(backups.vkey())).signature())
                    .as("byte %d of %d", place, good.length)
                    .isInstanceOf(BackupReading.Broken.class);
        }
    }

    @Test
    void aCutAnywhereIsFound() throws IOException {
        Path file = temp.resolve("b");
        backups.write(file, Backups.only(KEY), content());
        byte[] good = Files.readAllBytes(file);
        for (int length : new int[] {0, 3, 4, 100, 5000, good.length / 2, good.length - 1}) {
            Files.write(file, Arrays.copyOf(good, length));
            assertThat(verdict(file, KEY))
                    .as("%d of %d bytes", length, good.length)
                    .isInstanceOf(BackupReading.Broken.class);
        }
    }

    /** Who may write where backups lie can cut, join and sign anew, but not as the home. */
    @Test
    void anotherHomesSignatureIsRefused() throws IOException {
        Path file = temp.resolve("b");
        new Backups().write(file, Backups.only(KEY), content());
        assertThat(verdict(file, KEY))
                .isInstanceOfSatisfying(
                        BackupReading.Broken.class,
                        broken -> assertThat(broken.what()).contains("it was signed by"));
    }

    /** Segments cannot be left out, even by somebody who could sign the result. */
    @Test
    void aSegmentThatIsLeftOutIsFoundUnderANewSignature() throws IOException {
        Path file = temp.resolve("b");
        BackupLabel label = backups.write(file, Backups.only(KEY), content());
        byte[] good = Arrays.copyOf(Files.readAllBytes(file), (int) label.bytes());
        int header = 8 + 3 + 8 + 1120 + 48 + 74;
        int segment = SealingStream.PARAMETERS.segmentBytes();
        byte[] without = new byte[good.length - segment];
        System.arraycopy(good, 0, without, 0, header);
        System.arraycopy(good, header + segment, without, header, without.length - header);
        sign(file, without);
        assertThat(verdict(file, KEY)).isEqualTo(new BackupReading.Broken("chunk 0 was altered"));

        // And the last one: the one before it is not sealed as the last.
        int whole = (good.length - header) / segment;
        sign(file, Arrays.copyOf(good, header + whole * segment));
        assertThat(verdict(file, KEY))
                .isEqualTo(new BackupReading.Broken("it is cut short at chunk " + whole));
    }

    private void sign(Path file, byte[] bytes) throws IOException {
        BackupLabel label =
                new BackupLabel(
                        backups.vkey().substring(0, backups.vkey().indexOf('+')),
                        backups.vkey(),
                        Backups.CREATED,
                        bytes.length,
                        atlas.core.crypto.Hashes.sha256(bytes));
        byte[] note =
                backups.signer()
                        .sign(BackupLabel.KIND, label.lines())
                        .getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes);
        out.writeBytes(note);
        out.writeBytes(ByteBuffer.allocate(4).putInt(note.length).array());
        Files.write(file, out.toByteArray());
    }

    @Test
    void whoIsNoRecipientIsToldSo() throws IOException {
        Path file = temp.resolve("b");
        BackupIdentity stranger = BackupIdentity.generate();
        backups.write(file, Backups.only(KEY), content());
        assertThat(verdict(file, stranger))
                .isInstanceOfSatisfying(
                        BackupReading.Locked.class,
                        locked ->
                                assertThat(locked.why())
                                        .contains(KEY.recipient().id(), stranger.recipient().id()));
    }

    @Test
    void anySoManyRecipientsTogetherOpen() throws IOException {
        List<BackupIdentity> five = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            five.add(BackupIdentity.generate());
        }
        Path file = temp.resolve("b");
        backups.write(
                file,
                new BackupRecipients(3, five.stream().map(BackupIdentity::recipient).toList()),
                content());
        BackupIdentity a = five.get(0);
        BackupIdentity c = five.get(2);
        BackupIdentity e = five.get(4);
        assertThat(readBack(file, List.of(e, a, c))).hasSize(content().size());
        assertThat(readBack(file, five)).hasSize(content().size());
        assertThat(verdict(file, a, c)).isInstanceOf(BackupReading.Locked.class);
        assertThat(verdict(file, a, a, a)).isInstanceOf(BackupReading.Locked.class);
        assertThat(verdict(file, a, c, KEY)).isInstanceOf(BackupReading.Locked.class);
    }

    /** Anybody may write a backup for a public key: names in it are not believed. */
    @Test
    void namesThatLeadElsewhereAreRefused() throws IOException {
        for (String path :
                List.of("../x", "/etc/x", "a/../../x", "a//b", "", ".", "a/.hidden", "a\\b", "ä")) {
            try (OutputStream out = OutputStream.nullOutputStream();
                    BackupWriter writer = BackupWriter.begin(out, Backups.only(KEY))) {
                assertThatThrownBy(
                                () -> writer.file(path, 0, new ByteArrayInputStream(new byte[0])))
                        .as(path)
                        .isInstanceOf(BackupException.class);
            }
            assertThat(BackupPath.isOne(path)).as(path).isFalse();
        }
    }

    @Test
    void keysReadAsTheyWereWritten() {
        String identity = "# mine\n" + KEY.text().reveal() + "\n";
        assertThat(BackupIdentity.parse(Sensitive.of(identity)).recipient())
                .isEqualTo(KEY.recipient());
        assertThat(BackupRecipient.parse(KEY.recipient().text())).isEqualTo(KEY.recipient());
        assertThat(KEY.toString()).doesNotContain(KEY.text().reveal().substring(30));
        assertThatThrownBy(() -> BackupRecipient.parse(identity))
                .hasMessageContaining("keep the identity away from the server");
        assertThatThrownBy(() -> BackupIdentity.parse(Sensitive.of(KEY.recipient().text())))
                .hasMessageContaining("the public half");
        assertThatThrownBy(() -> BackupRecipient.parse("nonsense"))
                .hasMessageContaining("atlas backup keygen");
        assertThatThrownBy(() -> new BackupRecipients(2, List.of(KEY.recipient(), KEY.recipient())))
                .hasMessageContaining("twice");
    }
}

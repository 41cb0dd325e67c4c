package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.journal.verify.BrokenException;
import atlas.journal.verify.DirectoryVerifier;
import atlas.journal.verify.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalVerifierTest {
    private static final String TESSERA =
            "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

    @TempDir Path home;
    private String vkey = "";

    private Path log() {
        return home.resolve("journal");
    }

    private Verification verify() {
        if (vkey.isEmpty()) {
            vkey = Journals.keys(home).vkey();
        }
        return JournalVerifier.verify(log(), Optional.of(vkey));
    }

    @Test
    void aJournalHoldsWhileOpenAndAfterClosing() {
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            Journals.fill(journal, 700);
            journal.checkpointNow();
            Journals.fill(journal, 30);
            assertThat(verify()).isInstanceOf(Verification.Holds.class);
            assertThat(((Verification.Holds) verify()).notes())
                    .containsExactly("30 entries are recorded and wait for the next checkpoint");
        }
        assertThat(verify())
                .isInstanceOfSatisfying(
                        Verification.Holds.class,
                        holds -> {
                            assertThat(holds.size()).isEqualTo(730);
                            assertThat(holds.notes()).isEmpty();
                        });
    }

    @Test
    void holdsAtManySizesAndCheckpointsOnTheWay() {
        int size = 0;
        for (int step : List.of(0, 1, 254, 1, 1, 255, 3, 700)) {
            try (Journal journal = Journals.open(home, Clock.systemUTC())) {
                Journals.fill(journal, step / 2);
                journal.checkpointNow();
                Journals.fill(journal, step - step / 2);
            }
            size += step;
            int expected = size;
            assertThat(verify())
                    .isInstanceOfSatisfying(
                            Verification.Holds.class,
                            holds -> assertThat(holds.size()).isEqualTo(expected));
        }
    }

    @Test
    void verifiesALogThatTesseraWrote() throws Exception {
        Path tessera =
                Path.of(Objects.requireNonNull(getClass().getResource("/tlog/tessera")).toURI());
        DirectoryVerifier.Outcome outcome =
                DirectoryVerifier.anyLog(Place.folder(tessera), TESSERA);
        assertThat(outcome.checkpoint().size()).isEqualTo(10);
    }

    @Test
    void findsEveryFlippedByteOfATesseraLog() throws Exception {
        Path tessera =
                Path.of(Objects.requireNonNull(getClass().getResource("/tlog/tessera")).toURI());
        Path copy = home.resolve("tessera");
        copy(tessera, copy);
        for (Path file : files(copy)) {
            byte[] original = Files.readAllBytes(file);
            for (int i = 0; i < original.length; i += original.length > 100 ? 5 : 1) {
                Files.write(file, flipped(original, i, 0x10));
                assertThat(foundBroken(copy)).as(file + " byte " + i).isTrue();
            }
            Files.write(file, original);
        }
    }

    private static boolean foundBroken(Path copy) throws IOException {
        try {
            DirectoryVerifier.anyLog(Place.folder(copy), TESSERA);
            return false;
        } catch (BrokenException e) {
            return true;
        }
    }

    @Test
    void findsFlippedBytesWhereverTheyAreInAClosedJournal() throws Exception {
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            Journals.fill(journal, 2);
            journal.checkpointNow();
            journal.append(Facts.act("alice", "req_blob", 61_000));
        }
        Files.delete(home.resolve("journal.signed"));
        for (Path file : files(log())) {
            byte[] original = Files.readAllBytes(file);
            Sampled bytes = Sampled.oneIn(original.length > 10_000 ? 4_001 : 5);
            for (int i = bytes.first(); i < original.length; i += bytes.stride()) {
                Files.write(file, flipped(original, i, 1 << i % 8));
                assertThat(verify())
                        .as(file + " byte " + i)
                        .isInstanceOf(Verification.Broken.class);
            }
            Files.write(file, original);
        }
        assertThat(verify()).isInstanceOf(Verification.Holds.class);
    }

    @Test
    void namesTheEntryWhoseByteWasFlipped() throws Exception {
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            Journals.fill(journal, 1000);
        }
        long seed = new java.security.SecureRandom().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            int index = random.nextInt(1000);
            Path bundle = bundle(index);
            byte[] original = Files.readAllBytes(bundle);
            int at = 0;
            for (int i = 0; i < index % 256; i++) {
                at += 2 + length(original, at);
            }
            int offset = at + random.nextInt(2 + length(original, at));
            Files.write(bundle, flipped(original, offset, 1 << random.nextInt(8)));
            assertThat(verify())
                    .as("seed " + seed + " entry " + index)
                    .isInstanceOfSatisfying(
                            Verification.Broken.class,
                            broken -> {
                                assertThat(broken.index()).isEqualTo(index);
                                assertThat(log().resolve(broken.where())).isEqualTo(bundle);
                            });
            Files.write(bundle, original);

            String path = index >= 768 ? "tile/0/003.p/232" : "tile/0/00" + index / 256;
            Path tile = log().resolve(path);
            byte[] hashes = Files.readAllBytes(tile);
            Files.write(tile, flipped(hashes, index % 256 * 32 + 7, 1));
            assertThat(verify())
                    .isInstanceOfSatisfying(
                            Verification.Broken.class,
                            broken -> {
                                assertThat(broken.index()).isEqualTo(index);
                                assertThat(log().resolve(broken.where())).isEqualTo(tile);
                            });
            Files.write(tile, hashes);
        }
        assertThat(verify()).isInstanceOf(Verification.Holds.class);
    }

    private Path bundle(int index) {
        return log().resolve(
                        index >= 768 ? "tile/entries/003.p/232" : "tile/entries/00" + index / 256);
    }

    private static int length(byte[] bundle, int at) {
        return ((bundle[at] & 0xff) << 8) | (bundle[at + 1] & 0xff);
    }

    @Test
    void findsDeletedSwappedAndTruncatedEntries() throws Exception {
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            Journals.fill(journal, 300);
        }
        Path bundle = bundle(0);
        byte[] original = Files.readAllBytes(bundle);
        int first = 2 + length(original, 0);
        int second = 2 + length(original, first);

        byte[] deleted = new byte[original.length - first];
        System.arraycopy(original, first, deleted, 0, deleted.length);
        expectBroken(bundle, deleted, 0);

        byte[] swapped = original.clone();
        System.arraycopy(original, first, swapped, 0, second);
        System.arraycopy(original, 0, swapped, second, first);
        expectBroken(bundle, swapped, 0);

        expectBroken(bundle, java.util.Arrays.copyOf(original, original.length - 1), 255);
        Files.delete(bundle);
        assertThat(verify())
                .isInstanceOfSatisfying(
                        Verification.Broken.class, broken -> assertThat(broken.index()).isZero());
    }

    private void expectBroken(Path file, byte[] content, long index) throws IOException {
        byte[] original = Files.readAllBytes(file);
        Files.write(file, content);
        assertThat(verify())
                .isInstanceOfSatisfying(
                        Verification.Broken.class,
                        broken -> assertThat(broken.index()).isEqualTo(index));
        Files.write(file, original);
    }

    @Test
    void findsADirectoryThatWasPutBack() throws Exception {
        Path old = home.resolve("old");
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            Journals.fill(journal, 20);
        }
        copy(log(), old);
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            Journals.fill(journal, 5);
        }
        delete(log());
        copy(old, log());

        assertThat(verify())
                .isInstanceOfSatisfying(
                        Verification.Broken.class,
                        broken -> assertThat(broken.what()).contains("rolled back"));
    }

    @Test
    void findsALogSignedAnewByAnotherKey() throws Exception {
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            Journals.fill(journal, 20);
        }
        Path other = home.resolve("other");
        Files.createDirectories(other);
        try (Journal journal = Journals.open(other, Clock.systemUTC())) {
            Journals.fill(journal, 20);
        }
        assertThat(
                        JournalVerifier.verify(
                                other.resolve("journal"), Optional.of(Journals.keys(home).vkey())))
                .isInstanceOf(Verification.Broken.class);
    }

    @Test
    void cannotTellWithoutACheckpoint() {
        assertThat(JournalVerifier.verify(home.resolve("nowhere"), Optional.empty()))
                .isInstanceOf(Verification.Unreadable.class);
    }

    private static byte[] flipped(byte[] bytes, int at, int mask) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) mask;
        return flipped;
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void delete(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

package atlas.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Digest;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import atlas.journal.store.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubjectKeysTest {
    private static final Instant NOVEMBER = Instant.parse("2026-11-30T23:59:59.999Z");
    private static final Instant DECEMBER = Instant.parse("2026-12-01T00:00:00Z");
    private static final Subject ADA = new Subject("default", "ada");
    private static final Subject BOB = new Subject("default", "bob");
    private static final byte[] PLACE = {1, 2, 3};

    @TempDir private Path home;
    private Disk disk;
    private FaultyDisk faults;

    @BeforeEach
    void prepare() throws IOException {
        disk = Disk.real(Files.createDirectories(home.resolve("scratch")));
        faults = new FaultyDisk(disk);
    }

    private SubjectKeys open() throws IOException {
        return open(MemorySealer.fixed());
    }

    private SubjectKeys open(Sealer vault) throws IOException {
        return SubjectKeys.open(faults, home.resolve("keys"), vault, Journals.ORIGIN);
    }

    private static DataKey key(SubjectKeys keys, Subject subject, Instant when) {
        return keys.current(subject, when).key();
    }

    /** A key's name without its mark. */
    private static String place(DataKey key) {
        return place(key.label());
    }

    private static String place(String label) {
        assertThat(label).matches("\\d{4}-\\d\\d/\\d+\\.[0-9a-f]{12}");
        return label.substring(0, label.indexOf('.'));
    }

    private static void destroy(SubjectKeys keys, List<String> labels) throws IOException {
        keys.prove(labels, 0);
        keys.destroy(labels);
    }

    @Test
    void everySubjectAndEveryMonthHasAKeyOfItsOwn() throws IOException {
        try (SubjectKeys keys = open()) {
            List<String> labels =
                    List.of(
                            place(key(keys, ADA, NOVEMBER)),
                            place(key(keys, BOB, NOVEMBER)),
                            place(key(keys, ADA, DECEMBER)),
                            place(key(keys, new Subject("other", "ada"), DECEMBER)));

            assertThat(labels).containsExactly("2026-11/1", "2026-11/2", "2026-12/1", "2026-12/2");
            assertThat(place(key(keys, ADA, NOVEMBER))).isEqualTo("2026-11/1");
            byte[] sealed = key(keys, ADA, NOVEMBER).seal(new byte[9], PLACE);
            assertThatThrownBy(() -> key(keys, ADA, DECEMBER).open(sealed, PLACE))
                    .isInstanceOf(SealBrokenException.class);
        }
    }

    @Test
    void theSameKeyIsFoundAfterARestartOnceItWasSettled() throws IOException {
        byte[] sealed;
        String label;
        try (SubjectKeys keys = open()) {
            label = key(keys, ADA, NOVEMBER).label();
            sealed = key(keys, ADA, NOVEMBER).seal(new byte[] {7}, PLACE);
            keys.settle();
        }
        try (SubjectKeys keys = open()) {
            assertThat(key(keys, ADA, NOVEMBER).open(sealed, PLACE)).containsExactly(7);
            assertThat(keys.find(label))
                    .isInstanceOfSatisfying(
                            KeyLookup.Found.class,
                            found ->
                                    assertThat(found.key().open(sealed, PLACE)).containsExactly(7));
            assertThat(place(key(keys, BOB, NOVEMBER))).isEqualTo("2026-11/2");
        }
    }

    @Test
    void aKeyThatWasNotSettledIsGoneAfterARestart() throws IOException {
        String label;
        try (SubjectKeys keys = open()) {
            label = key(keys, ADA, NOVEMBER).label();
        }
        try (SubjectKeys keys = open()) {
            assertThat(keys.find(label)).isInstanceOf(KeyLookup.Lost.class);
        }
    }

    @Test
    void aMonthWhoseFileWasHalfMadeBeginsAnew() throws IOException {
        open().close();
        Files.write(home.resolve("keys/2026-11"), new byte[1000]);
        String label;
        try (SubjectKeys keys = open()) {
            label = key(keys, ADA, NOVEMBER).label();
            keys.settle();
        }
        try (SubjectKeys keys = open()) {
            assertThat(keys.find(label)).isInstanceOf(KeyLookup.Found.class);
        }
    }

    @Test
    void theFileGrowsBeyondWhatWasMadeForIt() throws IOException {
        int many = 400;
        String last = "";
        try (SubjectKeys keys = open()) {
            for (int i = 0; i < many; i++) {
                last = key(keys, new Subject("default", "user-" + i), NOVEMBER).label();
            }
            keys.settle();
        }
        try (SubjectKeys keys = open()) {
            assertThat(keys.find(last)).isInstanceOf(KeyLookup.Found.class);
            assertThat(place(key(keys, BOB, NOVEMBER))).isEqualTo("2026-11/" + (many + 1));
        }
    }

    @Test
    void everyFlippedByteOfASlotIsNoticed() throws IOException {
        String label;
        try (SubjectKeys keys = open()) {
            label = key(keys, ADA, NOVEMBER).label();
            keys.settle();
        }
        Path file = home.resolve("keys/2026-11");
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < KeySlot.BYTES; i++) {
            byte[] bad = good.clone();
            bad[KeySlot.BYTES + i] ^= 0x20;
            Files.write(file, bad);
            try (SubjectKeys keys = open()) {
                assertThat(keys.find(label)).as("byte " + i).isInstanceOf(KeyLookup.Lost.class);
            }
        }
    }

    @Test
    void aSlotMovedToAnotherPlaceDoesNotOpenThere() throws IOException {
        String ada;
        String bob;
        try (SubjectKeys keys = open()) {
            ada = key(keys, ADA, NOVEMBER).label();
            bob = key(keys, BOB, NOVEMBER).label();
            keys.settle();
        }
        Path file = home.resolve("keys/2026-11");
        byte[] bytes = Files.readAllBytes(file);
        System.arraycopy(bytes, KeySlot.BYTES, bytes, 2 * KeySlot.BYTES, KeySlot.BYTES);
        Files.write(file, bytes);
        try (SubjectKeys keys = open()) {
            assertThat(keys.find(ada)).isInstanceOf(KeyLookup.Found.class);
            assertThat(keys.find(bob)).isInstanceOf(KeyLookup.Lost.class);
            String moved = "2026-11/2" + ada.substring(ada.indexOf('.'));
            assertThat(keys.find(moved)).isInstanceOf(KeyLookup.Lost.class);
        }
    }

    @Test
    void destroyedKeysAreFoundNowhereAndTheirBytesAreGone() throws IOException {
        byte[] before;
        List<String> labels;
        try (SubjectKeys keys = open()) {
            key(keys, ADA, NOVEMBER);
            String bob = key(keys, BOB, NOVEMBER).label();
            key(keys, ADA, DECEMBER);
            keys.settle();
            before = Files.readAllBytes(home.resolve("keys/2026-11"));

            labels = keys.labels(ADA);
            assertThat(labels)
                    .extracting(SubjectKeysTest::place)
                    .containsExactly("2026-11/1", "2026-12/1");
            destroy(keys, labels);

            assertThat(keys.find(labels.getFirst())).isEqualTo(new KeyLookup.Erased());
            assertThat(keys.labels(ADA)).isEmpty();
            assertThat(keys.find(bob)).isInstanceOf(KeyLookup.Found.class);
            assertThat(place(key(keys, ADA, DECEMBER))).isEqualTo("2026-12/2");
        }
        byte[] after = Files.readAllBytes(home.resolve("keys/2026-11"));
        int at = KeySlot.BYTES + 8 + KeyName.MARK_BYTES;
        byte[] wrapped = Arrays.copyOfRange(before, at, at + Digest.BYTES + 40);
        assertThat(after).hasSameSizeAs(before);
        assertThat(indexOf(after, Arrays.copyOf(wrapped, 16))).isEqualTo(-1);
        try (SubjectKeys keys = open()) {
            assertThat(labels)
                    .allSatisfy(label ->
                            assertThat(keys.find(label)).isEqualTo(new KeyLookup.Erased()));
        }
    }

    @Test
    void aKeyThatWasOverwrittenWithoutAnErasureInTheJournalIsLost() throws IOException {
        String label;
        try (SubjectKeys keys = open()) {
            label = key(keys, ADA, NOVEMBER).label();
            keys.settle();
            keys.destroy(List.of(label));
        }
        try (SubjectKeys keys = open()) {
            assertThat(keys.find(label))
                    .isInstanceOfSatisfying(
                            KeyLookup.Lost.class,
                            lost -> assertThat(lost.why()).contains("no erasure"));
        }
    }

    /** The slot numbers of the keys that were lost with the newer file are used again. */
    @Test
    void aKeyLostWithItsFileIsNotTakenForTheOneThatGotItsSlotErasedOrNot() throws IOException {
        Path file = home.resolve("keys/2026-11");
        byte[] older;
        String lost;
        try (SubjectKeys keys = open()) {
            key(keys, ADA, NOVEMBER);
            keys.settle();
            older = Files.readAllBytes(file);
            lost = key(keys, BOB, NOVEMBER).label();
            keys.settle();
        }
        Files.write(file, older);
        Subject eve = new Subject("default", "eve");
        try (SubjectKeys keys = open()) {
            String again = key(keys, eve, NOVEMBER).label();
            assertThat(place(again)).isEqualTo(place(lost));
            keys.settle();
            assertThat(keys.find(lost)).isInstanceOf(KeyLookup.Lost.class);

            destroy(keys, keys.labels(eve));

            assertThat(keys.find(again)).isEqualTo(new KeyLookup.Erased());
            assertThat(keys.find(lost)).isInstanceOf(KeyLookup.Lost.class);
        }
        try (SubjectKeys keys = open()) {
            assertThat(keys.find(lost)).isInstanceOf(KeyLookup.Lost.class);
        }
    }

    @Test
    void anErasureFromBeforeDoesNotReachTheKeyThatGotTheSlot() throws IOException {
        Path file = home.resolve("keys/2026-11");
        byte[] older;
        String erased;
        try (SubjectKeys keys = open()) {
            key(keys, ADA, NOVEMBER);
            keys.settle();
            older = Files.readAllBytes(file);
            erased = key(keys, BOB, NOVEMBER).label();
            destroy(keys, keys.labels(BOB));
        }
        Files.write(file, older);
        try (SubjectKeys keys = open()) {
            String eve = key(keys, new Subject("default", "eve"), NOVEMBER).label();
            keys.settle();
            keys.destroy(List.of(erased));

            keys.forget();
            assertThat(keys.find(eve)).isInstanceOf(KeyLookup.Found.class);
            assertThat(keys.find(erased)).isEqualTo(new KeyLookup.Erased());
        }
    }

    /** Homes from before names had marks keep what they have. */
    @Test
    void keysWithoutAMarkAreReadAndDestroyedAsEver() throws IOException {
        Digest tag;
        Path file = home.resolve("keys/2026-11");
        try (SubjectKeys keys = open()) {
            tag = keys.tag(ADA);
            key(keys, BOB, NOVEMBER);
            keys.settle();
        }
        byte[] bound =
                ("atlas-journal-key/1\n" + Journals.ORIGIN + "\n2026-11/2\n").getBytes(UTF_8);
        byte[] place = Arrays.copyOf(bound, bound.length + Digest.BYTES);
        System.arraycopy(tag.bytes(), 0, place, bound.length, Digest.BYTES);
        byte[] wrapped = MemorySealer.fixed().seal(new byte[32], place);
        byte[] month = Files.readAllBytes(file);
        byte[] slot = KeySlot.encode(new KeySlot.Live("", tag, wrapped));
        System.arraycopy(slot, 0, month, 2 * KeySlot.BYTES, slot.length);
        Files.write(file, month);
        try (SubjectKeys keys = open()) {
            assertThat(key(keys, ADA, NOVEMBER).label()).isEqualTo("2026-11/2");
            assertThat(keys.find("2026-11/2")).isInstanceOf(KeyLookup.Found.class);
            destroy(keys, keys.labels(ADA));
            assertThat(keys.find("2026-11/2")).isEqualTo(new KeyLookup.Erased());
        }
        byte[] left = Files.readAllBytes(file);
        assertThat(KeySlot.decode(Arrays.copyOfRange(left, 2 * KeySlot.BYTES, 3 * KeySlot.BYTES)))
                .isEqualTo(new KeySlot.Destroyed(""));
    }

    @Test
    void aKeyTheVaultCannotWrapIsNotHandedOutAndLeavesNoGap() throws IOException {
        boolean[] away = {true};
        MemorySealer memory = MemorySealer.fixed();
        Sealer vault =
                new Sealer() {
                    @Override
                    public byte[] seal(byte[] plaintext, byte[] associatedData) {
                        if (away[0]) {
                            throw new KeyUnavailableException("away", null);
                        }
                        return memory.seal(plaintext, associatedData);
                    }

                    @Override
                    public byte[] open(byte[] sealed, byte[] associatedData) {
                        return memory.open(sealed, associatedData);
                    }
                };
        open().close();
        try (SubjectKeys keys = open(vault)) {
            assertThatThrownBy(() -> key(keys, ADA, NOVEMBER))
                    .isInstanceOf(KeyUnavailableException.class);
            away[0] = false;
            assertThat(key(keys, BOB, NOVEMBER).label())
                    .isNotEqualTo(key(keys, ADA, NOVEMBER).label());
        }
    }

    /**
     * The vault tells the journal of what it does while it is held: to wait is to wait for ever.
     */
    @Test
    void whileTheVaultIsAskedForOneNobodyElseWaits() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answers = new CountDownLatch(1);
        AtomicBoolean slow = new AtomicBoolean(true);
        MemorySealer memory = MemorySealer.fixed();
        Sealer vault =
                new Sealer() {
                    @Override
                    public byte[] seal(byte[] plaintext, byte[] associatedData) {
                        if (slow.getAndSet(false)) {
                            asked.countDown();
                            try {
                                answers.await();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        }
                        return memory.seal(plaintext, associatedData);
                    }

                    @Override
                    public byte[] open(byte[] sealed, byte[] associatedData) {
                        return memory.open(sealed, associatedData);
                    }
                };
        open().close();
        try (SubjectKeys keys = open(vault);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> ada = threads.submit(() -> key(keys, ADA, NOVEMBER).label());
            asked.await();
            try {
                Future<String> bob = threads.submit(() -> key(keys, BOB, NOVEMBER).label());
                assertThat(place(bob.get(60, TimeUnit.SECONDS))).isEqualTo("2026-11/2");
                threads.submit(keys::forget).get(60, TimeUnit.SECONDS);
            } finally {
                answers.countDown();
            }
            assertThat(key(keys, ADA, NOVEMBER).label()).isEqualTo(ada.get());
            assertThat(place(key(keys, BOB, NOVEMBER))).isEqualTo("2026-11/2");
            assertThat(place(ada.get())).isNotEqualTo("2026-11/2");
        }
    }

    @Test
    void whatCannotBeWrittenIsNotSettled() throws IOException {
        try (SubjectKeys keys = open()) {
            key(keys, ADA, NOVEMBER);
            faults.fail(FaultyDisk.Call.FORCE, 1, true);

            assertThatThrownBy(keys::settle).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aFileThatWasRemovedWhileInUseIsNoticed() throws IOException {
        try (SubjectKeys keys = open()) {
            key(keys, ADA, NOVEMBER);
            keys.settle();
            Files.delete(home.resolve("keys/2026-11"));
            key(keys, BOB, NOVEMBER);

            assertThatThrownBy(keys::settle).isInstanceOf(IOException.class);
        }
    }

    @Test
    void namesThatAreNoKeysAreLost() throws IOException {
        try (SubjectKeys keys = open()) {
            for (String label :
                    List.of(
                            "",
                            "/",
                            "2026-11/",
                            "2026-11/0",
                            "2026-11/01",
                            "2026-11/1.",
                            "2026-11/1.0",
                            "2026-11/1.0123456789AB",
                            ".2026-11/1",
                            "x/1",
                            "../a/1")) {
                assertThat(keys.find(label)).as(label).isInstanceOf(KeyLookup.Lost.class);
            }
        }
    }

    @Test
    void pseudonymsStayAndTellTenantsApart() throws IOException {
        String ada;
        try (SubjectKeys keys = open()) {
            ada = keys.pseudonym(ADA);
            assertThat(ada).matches("p_[0-9a-f]{32}").isNotEqualTo(keys.pseudonym(BOB));
            assertThat(keys.pseudonym(new Subject("other", "ada"))).isNotEqualTo(ada);
            assertThat(keys.tag(ADA).hex()).doesNotContain(ada.substring(2));
        }
        try (SubjectKeys keys = open()) {
            assertThat(keys.pseudonym(ADA)).isEqualTo(ada);
        }
        Path elsewhere = home.resolve("elsewhere");
        try (SubjectKeys keys =
                SubjectKeys.open(disk, elsewhere, MemorySealer.fixed(), Journals.ORIGIN)) {
            assertThat(keys.pseudonym(ADA)).isNotEqualTo(ada);
        }
    }

    @Test
    void keysWithoutTheSecretOfTheirNamesAreRefused() throws IOException {
        try (SubjectKeys keys = open()) {
            key(keys, ADA, NOVEMBER);
            keys.settle();
        }
        Files.delete(home.resolve("keys/names"));

        assertThatThrownBy(this::open)
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("restore it from a backup");
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int i = 0; i + wanted.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }
}

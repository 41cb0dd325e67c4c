package atlas.journal;

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

    @Test
    void everySubjectAndEveryMonthHasAKeyOfItsOwn() throws IOException {
        try (SubjectKeys keys = open()) {
            List<String> labels =
                    List.of(
                            key(keys, ADA, NOVEMBER).label(),
                            key(keys, BOB, NOVEMBER).label(),
                            key(keys, ADA, DECEMBER).label(),
                            key(keys, new Subject("other", "ada"), DECEMBER).label());

            assertThat(labels).containsExactly("2026-11/1", "2026-11/2", "2026-12/1", "2026-12/2");
            assertThat(key(keys, ADA, NOVEMBER).label()).isEqualTo("2026-11/1");
            byte[] sealed = key(keys, ADA, NOVEMBER).seal(new byte[9], PLACE);
            assertThatThrownBy(() -> key(keys, ADA, DECEMBER).open(sealed, PLACE))
                    .isInstanceOf(SealBrokenException.class);
        }
    }

    @Test
    void theSameKeyIsFoundAfterARestartOnceItWasSettled() throws IOException {
        byte[] sealed;
        try (SubjectKeys keys = open()) {
            sealed = key(keys, ADA, NOVEMBER).seal(new byte[] {7}, PLACE);
            keys.settle();
        }
        try (SubjectKeys keys = open()) {
            assertThat(key(keys, ADA, NOVEMBER).open(sealed, PLACE)).containsExactly(7);
            assertThat(keys.find("2026-11/1"))
                    .isInstanceOfSatisfying(
                            KeyLookup.Found.class,
                            found ->
                                    assertThat(found.key().open(sealed, PLACE)).containsExactly(7));
            assertThat(key(keys, BOB, NOVEMBER).label()).isEqualTo("2026-11/2");
        }
    }

    @Test
    void aKeyThatWasNotSettledIsGoneAfterARestart() throws IOException {
        try (SubjectKeys keys = open()) {
            key(keys, ADA, NOVEMBER);
        }
        try (SubjectKeys keys = open()) {
            assertThat(keys.find("2026-11/1")).isInstanceOf(KeyLookup.Lost.class);
        }
    }

    @Test
    void aMonthWhoseFileWasHalfMadeBeginsAnew() throws IOException {
        open().close();
        Files.write(home.resolve("keys/2026-11"), new byte[1000]);
        try (SubjectKeys keys = open()) {
            key(keys, ADA, NOVEMBER);
            keys.settle();
        }
        try (SubjectKeys keys = open()) {
            assertThat(keys.find("2026-11/1")).isInstanceOf(KeyLookup.Found.class);
        }
    }

    @Test
    void theFileGrowsBeyondWhatWasMadeForIt() throws IOException {
        int many = 400;
        try (SubjectKeys keys = open()) {
            for (int i = 0; i < many; i++) {
                key(keys, new Subject("default", "user-" + i), NOVEMBER);
            }
            keys.settle();
        }
        try (SubjectKeys keys = open()) {
            assertThat(keys.find("2026-11/" + many)).isInstanceOf(KeyLookup.Found.class);
            assertThat(key(keys, BOB, NOVEMBER).label()).isEqualTo("2026-11/" + (many + 1));
        }
    }

    @Test
    void everyFlippedByteOfASlotIsNoticed() throws IOException {
        try (SubjectKeys keys = open()) {
            key(keys, ADA, NOVEMBER);
            keys.settle();
        }
        Path file = home.resolve("keys/2026-11");
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < KeySlot.BYTES; i++) {
            byte[] bad = good.clone();
            bad[KeySlot.BYTES + i] ^= 0x20;
            Files.write(file, bad);
            try (SubjectKeys keys = open()) {
                assertThat(keys.find("2026-11/1"))
                        .as("byte " + i)
                        .isInstanceOf(KeyLookup.Lost.class);
            }
        }
    }

    @Test
    void aSlotMovedToAnotherPlaceDoesNotOpenThere() throws IOException {
        try (SubjectKeys keys = open()) {
            key(keys, ADA, NOVEMBER);
            key(keys, BOB, NOVEMBER);
            keys.settle();
        }
        Path file = home.resolve("keys/2026-11");
        byte[] bytes = Files.readAllBytes(file);
        System.arraycopy(bytes, KeySlot.BYTES, bytes, 2 * KeySlot.BYTES, KeySlot.BYTES);
        Files.write(file, bytes);
        try (SubjectKeys keys = open()) {
            assertThat(keys.find("2026-11/1")).isInstanceOf(KeyLookup.Found.class);
            assertThat(keys.find("2026-11/2")).isInstanceOf(KeyLookup.Lost.class);
        }
    }

    @Test
    void destroyedKeysAreFoundNowhereAndTheirBytesAreGone() throws IOException {
        byte[] before;
        try (SubjectKeys keys = open()) {
            key(keys, ADA, NOVEMBER);
            key(keys, BOB, NOVEMBER);
            key(keys, ADA, DECEMBER);
            keys.settle();
            before = Files.readAllBytes(home.resolve("keys/2026-11"));

            List<String> labels = keys.labels(ADA);
            assertThat(labels).containsExactly("2026-11/1", "2026-12/1");
            keys.destroy(labels);

            assertThat(keys.find("2026-11/1")).isEqualTo(new KeyLookup.Erased());
            assertThat(keys.labels(ADA)).isEmpty();
            assertThat(keys.find("2026-11/2")).isInstanceOf(KeyLookup.Found.class);
            assertThat(key(keys, ADA, DECEMBER).label()).isEqualTo("2026-12/2");
        }
        byte[] after = Files.readAllBytes(home.resolve("keys/2026-11"));
        byte[] wrapped =
                Arrays.copyOfRange(
                        before, KeySlot.BYTES + 8, KeySlot.BYTES + 8 + Digest.BYTES + 40);
        assertThat(after).hasSameSizeAs(before);
        assertThat(indexOf(after, Arrays.copyOf(wrapped, 16))).isEqualTo(-1);
        try (SubjectKeys keys = open()) {
            assertThat(keys.find("2026-11/1")).isEqualTo(new KeyLookup.Erased());
            assertThat(keys.find("2026-12/1")).isEqualTo(new KeyLookup.Erased());
        }
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
                assertThat(bob.get(60, TimeUnit.SECONDS)).isEqualTo("2026-11/2");
                threads.submit(keys::forget).get(60, TimeUnit.SECONDS);
            } finally {
                answers.countDown();
            }
            assertThat(key(keys, ADA, NOVEMBER).label()).isEqualTo(ada.get());
            assertThat(key(keys, BOB, NOVEMBER).label()).isEqualTo("2026-11/2");
            assertThat(ada.get()).isNotEqualTo("2026-11/2");
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
                    List.of("", "/", "2026-11/", "2026-11/0", "2026-11/01", "x/1", "../a/1")) {
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

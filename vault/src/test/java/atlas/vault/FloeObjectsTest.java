package atlas.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.crypto.Hashes;
import atlas.core.crypto.ObjectContext;
import atlas.core.crypto.ObjectSealer;
import atlas.core.crypto.OpenedObject;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.SealedObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FloeObjectsTest {
    private static final int CHUNK = FloeObjects.CHUNK_BYTES;

    @TempDir Path dir;
    private KeyVault vault;
    private ObjectSealer objects;
    private Path file;

    @BeforeEach
    void openTheVault() {
        vault =
                KeyVault.open(
                        dir.resolve("vault"),
                        FileKek.openOrCreate(dir.resolve("kek")),
                        Clock.systemUTC(),
                        _ -> {});
        objects = vault.objects("default");
        file = dir.resolve("object");
    }

    @AfterEach
    void closeTheVault() {
        vault.close();
    }

    private static ObjectContext context(String file) {
        return new ObjectContext("default", "weights", "m", 1, Hashes.sha256("root"), file);
    }

    private static byte[] bytes(int length) {
        byte[] plain = new byte[length];
        new Random(length).nextBytes(plain);
        return plain;
    }

    private SealedObject seal(byte[] plain) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            return objects.seal(context("a"), new ByteArrayInputStream(plain), out);
        }
    }

    private byte[] read(ObjectContext context, long position, int length) throws IOException {
        try (OpenedObject opened = objects.open(context, file)) {
            ByteBuffer target = ByteBuffer.allocateDirect(length);
            opened.read(position, target);
            byte[] read = new byte[length];
            target.flip().get(read);
            return read;
        }
    }

    @Test
    void opensWhatItSealedAtLengthsAroundAChunk() throws IOException {
        for (int length : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK}) {
            byte[] plain = bytes(length);
            SealedObject sealed = seal(plain);

            assertThat(read(context("a"), 0, length)).isEqualTo(plain);
            assertThat(sealed.plaintextBytes()).isEqualTo(length);
            assertThat(sealed.plaintext()).isEqualTo(Hashes.sha256(plain));
            byte[] stored = Files.readAllBytes(file);
            assertThat(sealed.ciphertextBytes()).isEqualTo(stored.length);
            assertThat(sealed.ciphertext()).isEqualTo(Hashes.sha256(stored));
        }
    }

    @Test
    void readsAnywhereFromManyThreads() throws Exception {
        byte[] plain = bytes(5 * CHUNK + 123);
        seal(plain);
        try (OpenedObject opened = objects.open(context("a"), file);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> all =
                    IntStream.range(0, 40)
                            .mapToObj(seed ->
                                    threads.submit(() -> matches(opened, plain, new Random(seed))))
                            .toList();
            for (Future<Boolean> one : all) {
                assertThat(one.get()).isTrue();
            }
        }
    }

    private static boolean matches(OpenedObject opened, byte[] plain, Random random)
            throws IOException {
        int from = random.nextInt(plain.length);
        int length = random.nextInt(plain.length - from);
        ByteBuffer target = ByteBuffer.allocate(length);
        opened.read(from, target);
        return Arrays.equals(target.array(), Arrays.copyOfRange(plain, from, from + length));
    }

    @Test
    void opensOnlyUnderItsOwnContext() throws IOException {
        seal(bytes(10));
        ObjectContext a = context("a");
        for (ObjectContext other :
                List.of(
                        context("b"),
                        new ObjectContext("default", "weights", "n", 1, a.root(), "a"),
                        new ObjectContext("default", "weights", "m", 2, a.root(), "a"),
                        new ObjectContext("default", "other", "m", 1, a.root(), "a"),
                        new ObjectContext("default", "weights", "m", 1, Hashes.sha256(""), "a"))) {
            assertThatThrownBy(() -> objects.open(other, file))
                    .isInstanceOf(SealBrokenException.class);
        }
    }

    @Test
    void refusesAByteFlippedInAnyRegionAndZeroesTheTarget() throws IOException {
        int length = 2 * CHUNK + 50;
        seal(bytes(length));
        byte[] good = Files.readAllBytes(file);
        for (int at :
                new int[] {0, 5, 20, 100, 130, 190, 200, 220, CHUNK, 2 * CHUNK, good.length - 1}) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(file, bad);
            ByteBuffer target = ByteBuffer.allocate(length);
            assertThatThrownBy(
                            () -> {
                                try (OpenedObject opened = objects.open(context("a"), file)) {
                                    opened.read(0, target);
                                }
                            })
                    .as("byte %d", at)
                    .isInstanceOf(SealBrokenException.class);
            assertThat(target.array()).containsOnly(0);
        }
    }

    @Test
    void refusesToOpenACutOrLengthenedObject() throws IOException {
        seal(bytes(2 * CHUNK));
        byte[] good = Files.readAllBytes(file);
        int segment = FloeObjects.PARAMETERS.segmentBytes();
        for (int length :
                new int[] {0, 7, 100, good.length - 1, good.length - segment, good.length + 40}) {
            Files.write(file, Arrays.copyOf(good, length));
            assertThatThrownBy(() -> objects.open(context("a"), file))
                    .as("%d bytes", length)
                    .isInstanceOf(SealBrokenException.class);
        }
    }

    @Test
    void refusesToReadPastTheEnd() throws IOException {
        seal(bytes(10));
        assertThatThrownBy(() -> read(context("a"), 5, 6))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void opensAfterTheKeyAboveWasTurned() throws IOException {
        byte[] plain = bytes(1000);
        seal(plain);
        vault.rotate(Purpose.WEIGHTS, "default");

        assertThat(read(context("a"), 0, 1000)).isEqualTo(plain);
    }
}

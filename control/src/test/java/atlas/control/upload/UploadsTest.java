package atlas.control.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Random;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadsTest {
    @TempDir private Path folder;

    private Uploads uploads(Clock clock) {
        return new Uploads(folder, new GcmSealer(), 1000, 100_000, clock);
    }

    @Test
    void whatWasUploadedReadsBackThroughTheSealedFolder() throws Exception {
        byte[] weights = bytes(4_321);
        try (Uploads uploads = uploads(Clock.systemUTC())) {
            Uploads.Upload upload = uploads.begin("demo", "alice");
            for (int at = 0; at < weights.length; at += 1000) {
                int end = Math.min(weights.length, at + 1000);
                uploads.add(
                        upload,
                        "deep/er/weights.bin",
                        at,
                        java.util.Arrays.copyOfRange(weights, at, end));
            }
            uploads.add(upload, "card.json", 0, "{}".getBytes(StandardCharsets.UTF_8));
            uploads.add(upload, "empty.txt", 0, new byte[0]);

            Path root = uploads.sealed(upload);
            try (Stream<Path> walk = Files.walk(root)) {
                assertThat(
                                walk.filter(Files::isRegularFile)
                                        .map(path -> root.relativize(path).toString()))
                        .containsExactlyInAnyOrder("deep/er/weights.bin", "card.json", "empty.txt");
            }
            assertThat(Files.readAllBytes(root.resolve("deep/er/weights.bin"))).isEqualTo(weights);
            assertThat(Files.readString(root.resolve("card.json"))).isEqualTo("{}");
            assertThat(Files.size(root.resolve("empty.txt"))).isZero();
            assertThat(Files.exists(root.resolve("nothing"))).isFalse();
            assertThatThrownBy(() -> Files.newInputStream(root.resolve("nothing")))
                    .isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> Files.writeString(root.resolve("card.json"), "x"))
                    .isInstanceOf(ReadOnlyFileSystemException.class);
            anyRangeReads(root.resolve("deep/er/weights.bin"), weights);
        }
    }

    private static void anyRangeReads(Path file, byte[] expected) throws IOException {
        long seed = new SecureRandom().nextLong();
        Random random = new Random(seed);
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            for (int i = 0; i < 200; i++) {
                int from = random.nextInt(expected.length);
                int length = random.nextInt(expected.length - from) + 1;
                ByteBuffer target = ByteBuffer.allocate(length);
                channel.position(from);
                while (target.hasRemaining()) {
                    assertThat(channel.read(target)).as("seed " + seed).isPositive();
                }
                assertThat(target.array())
                        .as("seed " + seed)
                        .isEqualTo(java.util.Arrays.copyOfRange(expected, from, from + length));
            }
        }
    }

    @Test
    void nothingOfAnUploadLiesInTheClear() throws Exception {
        try (Uploads uploads = uploads(Clock.systemUTC())) {
            Uploads.Upload upload = uploads.begin("demo", "alice");
            uploads.add(upload, "a.txt", 0, "planted words".getBytes(StandardCharsets.UTF_8));
            Files.readAllBytes(uploads.sealed(upload).resolve("a.txt"));
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.filter(Files::isRegularFile).toList()) {
                    assertThat(Files.readString(path, StandardCharsets.ISO_8859_1))
                            .doesNotContain("planted");
                }
            }
            uploads.end(upload);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anAlteredOrSwappedChunkDoesNotOpen() throws Exception {
        try (Uploads uploads = uploads(Clock.systemUTC())) {
            Uploads.Upload upload = uploads.begin("demo", "alice");
            uploads.add(upload, "a.txt", 0, "first".getBytes(StandardCharsets.UTF_8));
            uploads.add(upload, "a.txt", 5, "other".getBytes(StandardCharsets.UTF_8));
            Path root = uploads.sealed(upload);
            StagedFile staged = java.util.Objects.requireNonNull(upload.files().get("a.txt"));
            Path one = staged.chunks().get(0).part();
            Path two = staged.chunks().get(1).part();
            byte[] kept = Files.readAllBytes(one);
            Files.write(one, Files.readAllBytes(two));
            Files.write(two, kept);

            assertThatThrownBy(() -> Files.readAllBytes(root.resolve("a.txt")))
                    .isInstanceOf(SealBrokenException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../x", "/x", "x//y", ".", "..", "a/../b", ".hidden", "a/.git", "", "a\nb"})
    void aNameThatCouldLeaveItsFolderIsRefused(String name) throws Exception {
        try (Uploads uploads = uploads(Clock.systemUTC())) {
            Uploads.Upload upload = uploads.begin("demo", "alice");
            assertThatThrownBy(() -> uploads.add(upload, name, 0, bytes(1)))
                    .isInstanceOfSatisfying(
                            UploadRefusal.class,
                            e -> assertThat(e.why()).isEqualTo(UploadRefusal.Why.INVALID));
            assertThat(upload.files()).isEmpty();
        }
    }

    @Test
    void onlyWhoBeganAnUploadGoesOnWithIt() throws Exception {
        try (Uploads uploads = uploads(Clock.systemUTC())) {
            String id = uploads.begin("demo", "alice").id();
            assertThatThrownBy(() -> uploads.find(id, "demo", "mallory"))
                    .isInstanceOf(UploadRefusal.class);
            assertThatThrownBy(() -> uploads.find(id, "other", "alice"))
                    .isInstanceOf(UploadRefusal.class);
            assertThat(uploads.find(id, "demo", "alice").id()).isEqualTo(id);
        }
    }

    @Test
    void bytesGoAtTheEndAndNowhereElse() throws Exception {
        try (Uploads uploads = uploads(Clock.systemUTC())) {
            Uploads.Upload upload = uploads.begin("demo", "alice");
            assertThat(uploads.add(upload, "a", 0, bytes(10))).isEqualTo(10);
            assertThatThrownBy(() -> uploads.add(upload, "a", 5, bytes(10)))
                    .hasMessageContaining("offset=10");
            assertThatThrownBy(() -> uploads.add(upload, "a", 10, bytes(1001)))
                    .isInstanceOf(UploadRefusal.class);
        }
    }

    @Test
    void aForgottenUploadIsClearedAway() throws Exception {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        Clock[] clock = {Clock.fixed(now, ZoneOffset.UTC)};
        Clock moving =
                new Clock() {
                    @Override
                    public java.time.ZoneId getZone() {
                        return ZoneOffset.UTC;
                    }

                    @Override
                    public Clock withZone(java.time.ZoneId zone) {
                        return this;
                    }

                    @Override
                    public Instant instant() {
                        return clock[0].instant();
                    }
                };
        try (Uploads uploads = uploads(moving)) {
            uploads.add(uploads.begin("demo", "alice"), "a", 0, bytes(10));
            clock[0] = Clock.fixed(now.plus(Duration.ofMinutes(61)), ZoneOffset.UTC);
            uploads.expire();
            assertThat(folder).isEmptyDirectory();
        }
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** AES-GCM under one random key. */
    private static final class GcmSealer implements Sealer {
        private final SecureRandom random = new SecureRandom();
        private final byte[] key = new byte[32];

        GcmSealer() {
            random.nextBytes(key);
        }

        @Override
        public byte[] seal(byte[] plaintext, byte[] associatedData) {
            byte[] nonce = new byte[12];
            random.nextBytes(nonce);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(nonce);
            out.writeBytes(run(Cipher.ENCRYPT_MODE, nonce, plaintext, associatedData));
            return out.toByteArray();
        }

        @Override
        public byte[] open(byte[] sealed, byte[] associatedData) {
            byte[] nonce = java.util.Arrays.copyOf(sealed, 12);
            byte[] rest = java.util.Arrays.copyOfRange(sealed, 12, sealed.length);
            return run(Cipher.DECRYPT_MODE, nonce, rest, associatedData);
        }

        private byte[] run(int mode, byte[] nonce, byte[] input, byte[] associatedData) {
            try {
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
                cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
                cipher.updateAAD(associatedData);
                return cipher.doFinal(input);
            } catch (GeneralSecurityException e) {
                throw new SealBrokenException("does not open", e);
            }
        }
    }
}

package atlas.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.SealFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileKekTest {
    private static final byte[] PLACE = "place".getBytes(StandardCharsets.UTF_8);

    @TempDir Path dir;

    @Test
    void makesAFileOnlyItsOwnerMayReadThatSaysWhatItIs() throws IOException {
        FileKek kek = FileKek.openOrCreate(dir.resolve("kek"));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("kek"))))
                .isEqualTo("rw-------");
        assertThat(Files.readString(dir.resolve("kek"))).contains("in the clear, the key to every");
        assertThat(kek.status().note()).contains("in the clear");
        assertThat(kek.uri()).startsWith("file:/");
    }

    @Test
    void unwrapsAfterReopeningWhatItWrappedForTheSamePlaceOnly() {
        byte[] key = SealFormat.newKey();
        byte[] wrapped = FileKek.openOrCreate(dir.resolve("kek")).wrap(key, PLACE);
        FileKek again = FileKek.openOrCreate(dir.resolve("kek"));

        assertThat(again.unwrap(wrapped, PLACE)).isEqualTo(key);
        assertThatThrownBy(() -> again.unwrap(wrapped, new byte[0]))
                .isInstanceOf(SealBrokenException.class);
        FileKek other = FileKek.openOrCreate(dir.resolve("other"));
        assertThatThrownBy(() -> other.unwrap(wrapped, PLACE))
                .isInstanceOf(SealBrokenException.class);
        assertThat(other.status().fingerprint()).isNotEqualTo(again.status().fingerprint());
    }

    @Test
    void refusesAFileOthersMayRead() throws IOException {
        FileKek.openOrCreate(dir.resolve("kek"));
        Files.setPosixFilePermissions(
                dir.resolve("kek"), PosixFilePermissions.fromString("rw-r-----"));

        assertRefused(dir.resolve("kek"), "chmod 600");
    }

    @Test
    void refusesLinks() throws IOException {
        FileKek.openOrCreate(dir.resolve("kek"));
        Files.createSymbolicLink(dir.resolve("soft"), dir.resolve("kek"));
        assertRefused(dir.resolve("soft"), "not a regular file");

        Files.createLink(dir.resolve("hard"), dir.resolve("kek"));
        assertRefused(dir.resolve("kek"), "second name");
    }

    @Test
    void refusesAFileThatIsNotAKeyFileAndLeavesItAlone() throws IOException {
        Path file = dir.resolve("kek");
        FileKek.openOrCreate(file);
        for (String text : List.of("", "hello\n", FileKek.HEADER + "\nAAAA\n")) {
            Files.writeString(file, text);
            assertRefused(file, "backup");
            assertThat(Files.readString(file)).isEqualTo(text);
        }
    }

    @Test
    void makesOneKeyWhenManyStartAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<String>> all =
                    IntStream.range(0, 16)
                            .mapToObj(_ ->
                                    threads.submit(() ->
                                            FileKek.openOrCreate(dir.resolve("kek"))
                                                    .status()
                                                    .fingerprint()))
                            .toList();
            for (Future<String> one : all) {
                assertThat(one.get()).isEqualTo(all.getFirst().get());
            }
        }
    }

    private static void assertRefused(Path file, String why) {
        assertThatThrownBy(() -> FileKek.openOrCreate(file))
                .isInstanceOf(VaultException.class)
                .hasMessageContaining(why);
    }
}

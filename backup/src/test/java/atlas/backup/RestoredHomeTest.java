package atlas.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoredHomeTest {
    @TempDir Path temp;

    @Test
    void isThereWholeOrNotAtAll() throws IOException {
        Path home = temp.resolve("home");
        try (RestoredHome restored = RestoredHome.stage(home)) {
            restored.file("keys/a", 1, new ByteArrayInputStream(new byte[] {7}));
            assertThat(home).doesNotExist();
            restored.settle();
        }
        assertThat(home.resolve("keys/a")).hasBinaryContent(new byte[] {7});
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home)))
                .isEqualTo("rwx------");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(home.resolve("keys/a"))))
                .isEqualTo("rw-------");
        assertThat(names()).containsExactly("home");
    }

    @Test
    void leavesNothingWhenItIsGivenUp() throws IOException {
        try (RestoredHome restored = RestoredHome.stage(temp.resolve("home"))) {
            restored.file("a", 1, new ByteArrayInputStream(new byte[] {7}));
        }
        assertThat(names()).isEmpty();
    }

    @Test
    void takesAnEmptyFolderAndNothingElse() throws IOException {
        Path empty = Files.createDirectory(temp.resolve("empty"));
        try (RestoredHome restored = RestoredHome.stage(empty)) {
            restored.file("a", 0, new ByteArrayInputStream(new byte[0]));
            restored.settle();
        }
        assertThat(empty.resolve("a")).exists();
        assertThatThrownBy(() -> RestoredHome.stage(empty)).hasMessageContaining("already");
        Path file = Files.createFile(temp.resolve("file"));
        assertThatThrownBy(() -> RestoredHome.stage(file)).hasMessageContaining("already");
        Path link = Files.createSymbolicLink(temp.resolve("link"), temp.resolve("nowhere"));
        assertThatThrownBy(() -> RestoredHome.stage(link)).hasMessageContaining("already");
    }

    /** Somebody else was quicker: what they put there stays. */
    @Test
    void doesNotOverwriteWhatCameMeanwhile() throws IOException {
        Path home = temp.resolve("home");
        try (RestoredHome restored = RestoredHome.stage(home)) {
            restored.file("a", 0, new ByteArrayInputStream(new byte[0]));
            Files.createDirectory(home);
            Files.writeString(home.resolve("theirs"), "x");
            assertThatThrownBy(restored::settle).isInstanceOf(BackupException.class);
        }
        assertThat(home.resolve("theirs")).exists();
        assertThat(names()).containsExactly("home");
    }

    @Test
    void removesWhatAStoppedOneLeftAndLeavesOneAtWorkAlone() throws IOException {
        Path home = temp.resolve("home");
        Path left = Files.createDirectories(temp.resolve(".home.restoring-0011/keys"));
        Files.writeString(left.resolve("x"), "x");
        Files.writeString(temp.resolve(".home.restoring-0011/lock"), "");
        try (RestoredHome first = RestoredHome.stage(home)) {
            assertThat(left).doesNotExist();
            try (RestoredHome second = RestoredHome.stage(home)) {
                assertThat(first.root()).exists();
                second.settle();
            }
            assertThatThrownBy(first::settle).isInstanceOf(BackupException.class);
        }
        assertThat(names()).containsExactly("home");
    }

    @Test
    void nothingIsPutOutsideOfIt() throws IOException {
        try (RestoredHome restored = RestoredHome.stage(temp.resolve("home"))) {
            for (String path : List.of("../out", "a/../../out", "/out")) {
                assertThatThrownBy(
                                () -> restored.file(path, 0, new ByteArrayInputStream(new byte[0])))
                        .as(path)
                        .isInstanceOf(IOException.class);
            }
        }
        assertThat(names()).isEmpty();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> there = Files.list(temp)) {
            return there.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}

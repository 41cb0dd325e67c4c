package atlas.export.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.export.format.ExportLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDeliveryTest {
    @TempDir Path folder;

    private void deliver(Path file, List<ExportLine> lines) throws IOException {
        try (Delivery delivery = new FileDelivery(file)) {
            delivery.deliver(lines);
        }
    }

    @Test
    void linesAreAddedToAFileThatOnlyItsOwnerReads() throws IOException {
        Path file = folder.resolve("out.jsonl");
        List<ExportLine> lines = Lines.some();
        deliver(file, lines.subList(0, 3));
        deliver(file, lines.subList(3, 5));
        assertThat(Files.readAllLines(file))
                .containsExactlyElementsOf(
                        lines.subList(0, 5).stream()
                                .map(l -> new String(l.text(), UTF_8))
                                .toList());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aLineThatACrashCutShortIsWrittenAgainWhole() throws IOException {
        Path file = folder.resolve("out.jsonl");
        List<ExportLine> lines = Lines.some();
        deliver(file, lines.subList(0, 2));
        // Longer than the steps in which the end of the last whole line is looked for.
        Files.writeString(file, "x".repeat(200_000), StandardOpenOption.APPEND);
        deliver(file, lines.subList(2, 3));
        assertThat(Files.readAllLines(file)).hasSize(3).noneMatch(line -> line.contains("xxx"));
    }

    @Test
    void aFileThatWasMovedAwayIsMadeAgain() throws IOException {
        Path file = folder.resolve("out.jsonl");
        try (Delivery delivery = new FileDelivery(file)) {
            delivery.deliver(Lines.some().subList(0, 1));
            Files.move(file, folder.resolve("out.1"));
            delivery.deliver(Lines.some().subList(1, 2));
        }
        assertThat(Files.readAllLines(file)).hasSize(1);
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        Path target = Files.writeString(folder.resolve("precious"), "keep");
        Path link = Files.createSymbolicLink(folder.resolve("out.jsonl"), target);
        assertThatThrownBy(() -> deliver(link, Lines.some())).isInstanceOf(IOException.class);
        assertThat(Files.readString(target)).isEqualTo("keep");
    }
}

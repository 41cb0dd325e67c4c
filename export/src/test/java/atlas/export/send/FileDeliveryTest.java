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
        String third = new String(lines.get(2).text(), UTF_8);
        Files.writeString(file, third.substring(0, third.length() / 2), StandardOpenOption.APPEND);
        deliver(file, lines.subList(1, 3));
        assertThat(Files.readAllLines(file)).hasSize(4).last().isEqualTo(third);
        // Whole, and only its end was not written any more.
        Files.writeString(file, third, StandardOpenOption.APPEND);
        deliver(file, lines.subList(2, 3));
        assertThat(Files.readAllLines(file)).hasSize(5).last().isEqualTo(third);
    }

    @Test
    void whatOthersWroteIsKept() throws IOException {
        // Longer than the steps in which the end of the last whole line is looked for, and short.
        for (String theirs : List.of("x".repeat(200_000), "a\nb", "y")) {
            Path file = Files.writeString(folder.resolve("out.jsonl"), theirs);
            List<ExportLine> lines = Lines.some();
            deliver(file, lines.subList(0, 1));
            assertThat(Files.readString(file))
                    .isEqualTo(theirs + "\n" + new String(lines.get(0).text(), UTF_8) + "\n");
        }
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

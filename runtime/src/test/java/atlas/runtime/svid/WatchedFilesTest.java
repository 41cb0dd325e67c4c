package atlas.runtime.svid;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedFilesTest {
    @TempDir Path temp;

    @Test
    void looksOnAfterAFaultNobodyExpected() throws Exception {
        Path file = Files.writeString(temp.resolve("file"), "first");
        List<String> taken = new ArrayList<>();
        Runnable take =
                () -> {
                    String text = new String(WatchedFiles.bytes(file), StandardCharsets.UTF_8);
                    if (text.equals("odd")) {
                        throw new IllegalStateException("nobody expected that");
                    }
                    taken.add(text);
                };
        try (WatchedFiles watched = new WatchedFiles(List.of(file), Duration.ofDays(1), take)) {
            Files.writeString(file, "odd");
            watched.look();
            Files.writeString(file, "second");
            watched.look();
            assertThat(taken).containsExactly("first", "second");
        }
    }
}

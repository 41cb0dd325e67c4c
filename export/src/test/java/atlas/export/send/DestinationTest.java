package atlas.export.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Sensitive;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DestinationTest {
    @TempDir Path folder;
    private TlsPins pins;

    @BeforeEach
    void pin() throws Exception {
        pins = Keys.named(folder, "dns:localhost").pinned();
    }

    private Destination pinned(String text) {
        return Destination.parse(
                text, new Destination.Means("text/plain", Optional.of(pins), Optional.empty()));
    }

    private static Destination plain(String text) {
        return Destination.parse(
                text, new Destination.Means("text/plain", Optional.empty(), Optional.empty()));
    }

    @Test
    void destinationsAreShownAsTheyWereWritten() {
        assertThat(plain("file:/var/log/atlas.jsonl").shown())
                .isEqualTo("file:/var/log/atlas.jsonl");
        assertThat(pinned("syslog+tls://siem.example").shown())
                .isEqualTo("syslog+tls://siem.example:6514");
        assertThat(pinned("syslog+tls://[::1]:7000").shown()).isEqualTo("syslog+tls://[::1]:7000");
        assertThat(pinned("kafka://broker.example/atlas.journal").shown())
                .isEqualTo("kafka://broker.example:9093/atlas.journal");
        assertThat(pinned("https://siem.example:8088/services/collector").shown())
                .isEqualTo("https://siem.example:8088/services/collector");
    }

    @Test
    void whatIsNoDestinationIsRefusedWithAWayToMendIt() {
        for (String text :
                new String[] {
                    "",
                    "file:",
                    "http://siem.example/",
                    "syslog://siem.example",
                    "syslog+tls://",
                    "https:/x",
                    "gopher://x",
                    "ftp://x/y",
                    "https://exa mple/",
                    "https://siem.example:0/",
                    "https://siem.example:99999/",
                    "https://siem.example/?token=1",
                    "kafka://broker.example",
                    "kafka://broker.example/",
                    "kafka://broker.example/a/b",
                    "kafka://broker.example/..",
                    "syslog+tls://siem.example/path"
                }) {
            assertThatThrownBy(
                            () -> (text.startsWith("file:") ? plain(text) : pinned(text)).shown())
                    .as("`%s`", text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .message()
                    .isNotEmpty();
        }
    }

    @Test
    void aPasswordInADestinationIsRefusedAndNotRepeated() {
        assertThatThrownBy(() -> pinned("https://alice:hunter2@siem.example/"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void aTokenThatCannotBeSentIsRefusedAndNotRepeated() {
        for (String token : new String[] {"", "first\nhunter2", "hunter2 "}) {
            assertThatThrownBy(() ->
                            Destination.parse(
                                    "https://siem.example/",
                                    new Destination.Means(
                                            "text/plain",
                                            Optional.of(pins),
                                            Optional.of(Sensitive.of(token)))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("one word")
                    .hasMessageNotContaining("hunter2");
        }
    }

    @Test
    void whatGoesOverTheNetworkNeedsPinsAndAFileTakesNone() {
        assertThatThrownBy(() -> plain("https://siem.example/")).hasMessageContaining("`trust`");
        assertThatThrownBy(() -> plain("syslog+tls://siem.example"))
                .hasMessageContaining("`trust`");
        assertThatThrownBy(() -> pinned("file:/x")).hasMessageContaining("is a file");
        assertThatThrownBy(() ->
                        Destination.parse(
                                "syslog+tls://siem.example",
                                new Destination.Means(
                                        "text/plain",
                                        Optional.of(pins),
                                        Optional.of(Sensitive.of("t")))))
                .hasMessageContaining("no token");
    }
}

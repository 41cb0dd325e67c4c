package atlas.export.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SyslogMessageTest {
    private static final Instant WHEN = Instant.parse("2026-03-04T05:06:07.123456789Z");

    private static String frame(String origin, String kind, String text) {
        return new String(
                SyslogMessage.frame(
                        new ExportLine(
                                origin,
                                1,
                                WHEN,
                                kind,
                                Severity.HIGH,
                                text.getBytes(StandardCharsets.UTF_8))),
                StandardCharsets.UTF_8);
    }

    @Test
    void aMessageIsCountedInBytesAndHasEveryPartOfItsHeader() {
        String frame = frame("a.internal/journal/1", "alert.raised", "{\"é\":1}");
        String message =
                "<107>1 2026-03-04T05:06:07.123456Z a.internal/journal/1 atlas - alert.raised -"
                        + " {\"é\":1}";
        assertThat(frame)
                .isEqualTo(message.getBytes(StandardCharsets.UTF_8).length + " " + message);
    }

    @Test
    void whatIsNoNameCannotPretendToBeMoreOfTheHeader() {
        String frame = frame("a b\n<0>é", "k".repeat(40) + " x", "t");
        assertThat(frame).endsWith("Z a_b_<0>_ atlas - " + "k".repeat(32) + " - t");
        assertThat(frame("", "", "t")).endsWith("Z - atlas - - - t");
    }
}

package atlas.export.format;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** RFC 5424 around a line, counted as RFC 5425 frames it on a stream. */
public final class SyslogMessage {
    /** RFC 5424 §6.2.1: log audit. */
    private static final int FACILITY = 13;

    private static final int LONGEST_HOST = 255;
    private static final int LONGEST_MSGID = 32;

    private SyslogMessage() {}

    /** {@code MSG-LEN SP SYSLOG-MSG} (RFC 5425 §4.3). */
    public static byte[] frame(ExportLine line) {
        byte[] head = head(line).getBytes(StandardCharsets.US_ASCII);
        int length = head.length + line.text().length;
        ByteArrayOutputStream frame = new ByteArrayOutputStream(length + 12);
        frame.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
        frame.writeBytes(head);
        frame.writeBytes(line.text());
        return frame.toByteArray();
    }

    private static String head(ExportLine line) {
        // RFC 5424 §6.2.3: six fractional digits at the most. §6.5: no structured data, because
        // the text has everything and a number of our own is none we hold.
        Instant when = line.when().truncatedTo(ChronoUnit.MICROS);
        return "<"
                + (FACILITY * 8 + line.severity().syslog())
                + ">1 "
                + when
                + " "
                + printable(line.origin(), LONGEST_HOST)
                + " atlas - "
                + printable(line.kind(), LONGEST_MSGID)
                + " - ";
    }

    private static String printable(String text, int longest) {
        StringBuilder clean = new StringBuilder();
        for (int i = 0; i < text.length() && clean.length() < longest; i++) {
            char c = text.charAt(i);
            clean.append(c > ' ' && c < 127 ? c : '_');
        }
        return clean.isEmpty() ? "-" : clean.toString();
    }
}

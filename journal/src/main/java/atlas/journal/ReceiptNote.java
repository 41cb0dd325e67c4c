package atlas.journal;

import atlas.core.Digest;
import java.util.List;

/**
 * What the log's key signs of a receipt:
 *
 * <pre>
 * atlas-receipt/v1
 * origin
 * request id
 * intent|outcome index leaf-hash SHA-256-of-the-statement        for each part
 * </pre>
 *
 * <p>Its first line is no origin, so it is never taken for a checkpoint.
 */
record ReceiptNote(String origin, String requestId, List<Line> lines) {
    static final String FIRST = "atlas-receipt/v1";

    /** One part of a receipt. */
    record Line(String part, long index, Digest leaf, Digest statement) {
        private String text() {
            return part + " " + index + " " + leaf.hex() + " " + statement.hex() + "\n";
        }
    }

    String text() {
        StringBuilder text = new StringBuilder(FIRST).append('\n');
        text.append(origin).append('\n').append(requestId).append('\n');
        lines.forEach(line -> text.append(line.text()));
        return text.toString();
    }

    /** What the entries of a kind are called in a receipt: {@code intent} of an inference. */
    static String part(String kind) {
        return kind.substring(kind.lastIndexOf('.') + 1);
    }
}

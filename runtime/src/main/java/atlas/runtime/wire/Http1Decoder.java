package atlas.runtime.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads HTTP/1.1 messages, requests or responses, out of a growing buffer. There is one way to
 * write each part and everything else is refused (RFC 9112 §2.2, §5, §6, §7): lines end with CRLF,
 * no folding, no blank before the colon, one framing only.
 *
 * <p>Confined to one event loop. Subclasses hear of a message's parts in order.
 */
abstract class Http1Decoder {
    /** Returned by {@link #head} for a chunked body. */
    static final long CHUNKED = -1;

    private static final int MAX_START_LINE = 8 << 10;
    private static final int MAX_FIELDS = 128;
    private static final int MAX_CHUNK_LINE = 256;
    private static final int MAX_EXTENSION_BYTES = 4096;

    private enum State {
        START,
        FIELDS,
        FIXED,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILERS
    }

    private final int maxHeaderBytes;
    private final Fields fields = new Fields();
    private State state = State.START;
    private int headerBytes;
    private int extensionBytes;
    private int scanned;
    private long left;
    private boolean blankSeen;
    private byte[] line = new byte[256];
    private int lineLength;

    Http1Decoder(int maxHeaderBytes) {
        this.maxHeaderBytes = maxHeaderBytes;
    }

    abstract void startLine(String line) throws BadMessage;

    /** The head is complete; returns the body's length or {@link #CHUNKED}. */
    abstract long head(Fields fields) throws BadMessage;

    /** Body bytes: takes exactly {@code length} from {@code in}. */
    abstract void content(ByteBuf in, int length) throws BadMessage;

    abstract void end() throws BadMessage;

    /** False to stop: what is unread stays in the buffer. */
    abstract boolean ready();

    /** Whether a message has begun and not ended. */
    boolean inMessage() {
        return state != State.START || headerBytes > 0;
    }

    boolean inHead() {
        return state == State.START || state == State.FIELDS;
    }

    /** Reads as much as there is and the subclass is ready for. */
    void decode(ByteBuf in) throws BadMessage {
        boolean moving = true;
        while (moving && ready()) {
            moving =
                    switch (state) {
                        case START -> start(in);
                        case FIELDS, TRAILERS -> field(in);
                        case FIXED, CHUNK -> body(in);
                        case CHUNK_SIZE -> chunkSize(in);
                        case CHUNK_END -> chunkEnd(in);
                    };
        }
    }

    private boolean start(ByteBuf in) throws BadMessage {
        if (!line(in, Math.min(MAX_START_LINE, maxHeaderBytes), true)) {
            return false;
        }
        if (lineLength == 0) {
            // RFC 9112 §2.2: one empty line before a message is tolerated, not more.
            if (blankSeen) {
                throw BadMessage.malformed("an empty line came instead of a message");
            }
            blankSeen = true;
            return true;
        }
        startLine(text(0, lineLength));
        headerBytes = lineLength + 2;
        state = State.FIELDS;
        return true;
    }

    private boolean field(ByteBuf in) throws BadMessage {
        if (!line(in, maxHeaderBytes - headerBytes, false)) {
            return false;
        }
        headerBytes += lineLength + 2;
        if (lineLength == 0) {
            if (state == State.TRAILERS) {
                finish();
            } else {
                headComplete();
            }
            return true;
        }
        if (fields.count() >= MAX_FIELDS) {
            throw BadMessage.headerTooLarge("there are more than " + MAX_FIELDS + " fields");
        }
        int colon = 0;
        while (colon < lineLength && line[colon] != ':') {
            byte c = line[colon];
            if (c >= 'A' && c <= 'Z') {
                line[colon] = (byte) (c | 0x20);
            }
            colon++;
        }
        // A blank before the colon, and a folded line, fail here: neither is a token (§5.1, §5.2).
        String name = text(0, colon);
        if (colon == lineLength || !Grammar.token(name)) {
            throw BadMessage.malformed("a field name is not a token followed by a colon");
        }
        int from = colon + 1;
        int to = lineLength;
        while (from < to && (line[from] == ' ' || line[from] == '\t')) {
            from++;
        }
        while (to > from && (line[to - 1] == ' ' || line[to - 1] == '\t')) {
            to--;
        }
        String value = text(from, to);
        if (!Grammar.fieldValue(value)) {
            throw BadMessage.malformed("a field value holds a control character");
        }
        fields.add(name, value);
        return true;
    }

    private void headComplete() throws BadMessage {
        long length = head(fields);
        fields.clear();
        if (length == CHUNKED) {
            state = State.CHUNK_SIZE;
        } else if (length == 0) {
            finish();
        } else {
            left = length;
            state = State.FIXED;
        }
    }

    private boolean body(ByteBuf in) throws BadMessage {
        int take = (int) Math.min(left, in.readableBytes());
        if (take == 0) {
            return false;
        }
        left -= take;
        content(in, take);
        if (left == 0) {
            if (state == State.CHUNK) {
                state = State.CHUNK_END;
            } else {
                finish();
            }
        }
        return true;
    }

    private boolean chunkSize(ByteBuf in) throws BadMessage {
        if (!line(in, MAX_CHUNK_LINE, false)) {
            return false;
        }
        long size = 0;
        int i = 0;
        while (i < lineLength && Grammar.hex(line[i]) >= 0) {
            size = size << 4 | Grammar.hex(line[i]);
            i++;
        }
        if (i == 0 || i > 8 || (i < lineLength && line[i] != ';')) {
            throw BadMessage.malformed("a chunk size is not a hexadecimal number");
        }
        extensionBytes += lineLength - i;
        if (extensionBytes > MAX_EXTENSION_BYTES || !Grammar.fieldValue(text(i, lineLength))) {
            throw BadMessage.malformed("the chunk extensions are not accepted");
        }
        left = size;
        state = size == 0 ? State.TRAILERS : State.CHUNK;
        return true;
    }

    private boolean chunkEnd(ByteBuf in) throws BadMessage {
        if (in.readableBytes() < 2) {
            return false;
        }
        if (in.readByte() != '\r' || in.readByte() != '\n') {
            throw BadMessage.malformed("a chunk is longer than its size says");
        }
        state = State.CHUNK_SIZE;
        return true;
    }

    private void finish() throws BadMessage {
        state = State.START;
        headerBytes = 0;
        extensionBytes = 0;
        blankSeen = false;
        fields.clear();
        if (line.length > 4096) {
            line = new byte[256];
        }
        end();
    }

    /** Moves the next line, without its CRLF, to {@link #line}; false when it is not here yet. */
    private boolean line(ByteBuf in, int limit, boolean startLine) throws BadMessage {
        int from = in.readerIndex();
        int lf = in.indexOf(from + scanned, in.writerIndex(), (byte) '\n');
        int length = (lf < 0 ? in.writerIndex() : lf) - from;
        if (length > limit) {
            throw tooLong(startLine);
        }
        if (lf < 0) {
            scanned = length;
            return false;
        }
        scanned = 0;
        if (length == 0 || in.getByte(lf - 1) != '\r') {
            throw BadMessage.malformed("a line does not end with CRLF");
        }
        lineLength = length - 1;
        if (line.length < lineLength) {
            line = new byte[Math.max(lineLength, line.length * 2)];
        }
        in.readBytes(line, 0, lineLength);
        in.skipBytes(2);
        return true;
    }

    private BadMessage tooLong(boolean startLine) {
        if (startLine) {
            return new BadMessage(414, "target-too-long", "the request line is too long");
        }
        return state == State.CHUNK_SIZE
                ? BadMessage.malformed("a chunk line is too long")
                : BadMessage.headerTooLarge(
                        "the header is larger than " + maxHeaderBytes + " bytes");
    }

    private String text(int from, int to) {
        return new String(line, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** The framing the fields ask for: a length, {@link #CHUNKED}, or null when they are silent. */
    static @Nullable Long framing(Fields fields) throws BadMessage {
        int codings = fields.occurrences("transfer-encoding");
        int lengths = fields.occurrences("content-length");
        if (codings > 0 && lengths > 0) {
            throw BadMessage.malformed("both a content length and a transfer encoding are given");
        }
        if (lengths > 1 || codings > 1) {
            throw BadMessage.malformed("the body's framing is given more than once");
        }
        String coding = fields.first("transfer-encoding");
        if (coding != null) {
            if (!coding.equalsIgnoreCase("chunked")) {
                throw new BadMessage(
                        501, "transfer-encoding", "only the chunked transfer encoding is known");
            }
            return CHUNKED;
        }
        String length = fields.first("content-length");
        return length == null ? null : Grammar.contentLength(length);
    }
}

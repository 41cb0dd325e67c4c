package atlas.gateway.openai;

import java.util.Arrays;

/**
 * Cuts bytes into server-sent events (HTML standard, section 9.2), however they were split on the
 * way. Lines end in LF, CR or CRLF; comments and other fields than {@code data} are passed over. A
 * line or an event larger than the limit is a {@link BrokenAnswer}. Not thread-safe.
 */
final class SseReader {
    /** Takes the data of one event; the bytes are valid during the call only. */
    interface Events {
        void data(byte[] bytes, int offset, int length) throws BrokenAnswer;
    }

    private final int maxBytes;
    private final Events events;
    private byte[] line = new byte[512];
    private int lineLength;
    private byte[] data = new byte[512];
    private int dataLength;
    private boolean hasData;
    private boolean afterCarriageReturn;
    private boolean begun;

    SseReader(int maxBytes, Events events) {
        this.maxBytes = maxBytes;
        this.events = events;
    }

    void feed(byte[] bytes, int offset, int length) throws BrokenAnswer {
        int end = offset + length;
        int start = offset;
        for (int i = offset; i < end; i++) {
            byte b = bytes[i];
            if (b == '\n' && afterCarriageReturn) {
                afterCarriageReturn = false;
                start = i + 1;
                continue;
            }
            afterCarriageReturn = b == '\r';
            if (b == '\n' || b == '\r') {
                keep(bytes, start, i - start);
                lineEnded();
                start = i + 1;
            }
        }
        keep(bytes, start, end - start);
    }

    private void keep(byte[] bytes, int offset, int length) throws BrokenAnswer {
        line = room(line, lineLength, length);
        System.arraycopy(bytes, offset, line, lineLength, length);
        lineLength += length;
    }

    private byte[] room(byte[] buffer, int used, int more) throws BrokenAnswer {
        if (more > maxBytes - used) {
            throw new BrokenAnswer("an event is larger than " + maxBytes + " bytes");
        }
        return used + more <= buffer.length
                ? buffer
                : Arrays.copyOf(buffer, Math.min(maxBytes, Math.max(used + more, 2 * used)));
    }

    private void lineEnded() throws BrokenAnswer {
        int length = lineLength;
        int start = 0;
        lineLength = 0;
        if (!begun) {
            begun = true;
            start = startsWith("\u00ef\u00bb\u00bf", length) ? 3 : 0;
        }
        if (length == start) {
            dispatch();
        } else if (length == 4 && startsWith("data", length)) {
            append(4, 4);
        } else if (start == 0 && startsWith("data:", length)) {
            append(length > 5 && line[5] == ' ' ? 6 : 5, length);
        } else if (start == 3) {
            // A mark, then a first line: read it again without the mark.
            System.arraycopy(line, 3, line, 0, length - 3);
            lineLength = length - 3;
            lineEnded();
        }
    }

    private boolean startsWith(String ascii, int length) {
        if (length < ascii.length()) {
            return false;
        }
        for (int i = 0; i < ascii.length(); i++) {
            if (line[i] != (byte) ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void append(int from, int to) throws BrokenAnswer {
        data = room(data, dataLength, to - from + 1);
        if (hasData) {
            data[dataLength++] = '\n';
        }
        System.arraycopy(line, from, data, dataLength, to - from);
        dataLength += to - from;
        hasData = true;
    }

    private void dispatch() throws BrokenAnswer {
        int length = dataLength;
        boolean any = hasData;
        dataLength = 0;
        hasData = false;
        if (any) {
            events.data(data, 0, length);
        }
    }
}

package atlas.runtime.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * One spelling per path, so that policy and routing cannot disagree: decoded exactly once, and
 * whatever could mean two things (encoded slash, dot or percent, dot or empty segment, NUL, broken
 * UTF-8) is refused instead of repaired.
 */
final class CanonicalPath {
    private static final int MAX_LENGTH = 4096;

    private CanonicalPath() {}

    static String of(String raw) throws BadMessage {
        if (raw.isEmpty() || raw.charAt(0) != '/') {
            throw BadMessage.malformed("the path must begin with a slash");
        }
        if (raw.length() > MAX_LENGTH) {
            throw new BadMessage(414, "path-too-long", "the path is too long");
        }
        boolean encoded = false;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (!Grammar.pathCharacter(c)) {
                throw BadMessage.malformed("the path holds a character that must be encoded");
            }
            encoded |= c == '%';
        }
        refuseSegments(raw);
        return encoded ? decode(raw) : raw;
    }

    private static void refuseSegments(String path) throws BadMessage {
        int start = 1;
        while (start < path.length()) {
            int end = path.indexOf('/', start);
            int stop = end < 0 ? path.length() : end;
            if (stop == start || dots(path, start, stop)) {
                throw BadMessage.malformed("the path holds an empty or a dot segment");
            }
            start = stop + 1;
        }
    }

    /** A dot segment, also one with parameters: some readers drop what follows the semicolon. */
    private static boolean dots(String path, int start, int stop) {
        int at = start;
        while (at < stop && path.charAt(at) == '.') {
            at++;
        }
        int count = at - start;
        return (count == 1 || count == 2) && (at == stop || path.charAt(at) == ';');
    }

    private static String decode(String raw) throws BadMessage {
        byte[] bytes = new byte[raw.length()];
        int length = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                int value =
                        i + 2 < raw.length()
                                ? Grammar.hex(raw.charAt(i + 1)) << 4
                                        | Grammar.hex(raw.charAt(i + 2))
                                : -1;
                if (value < ' ' || value == 127 || "/\\.%".indexOf(value) >= 0) {
                    throw BadMessage.malformed("the path holds an encoding that is not accepted");
                }
                bytes[length++] = (byte) value;
                i += 2;
            } else {
                bytes[length++] = (byte) c;
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw BadMessage.malformed("the path is not UTF-8");
        }
    }
}

package atlas.tlog;

import atlas.core.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Readers that accept exactly one spelling of each value, so that no byte can change unnoticed. */
final class StrictText {
    private StrictText() {}

    /** Standard base64 with padding and no stray bits. */
    static byte[] base64(String text, String what) throws MalformedException {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new MalformedException(what + " is not base64");
        }
        if (!Base64.getEncoder().encodeToString(bytes).equals(text)) {
            throw new MalformedException(what + " is not canonical base64");
        }
        return bytes;
    }

    /** A base64 line that holds one hash of the tree. */
    static Digest hash(String text, String what) throws MalformedException {
        byte[] hash = base64(text, what);
        if (hash.length != Digest.BYTES) {
            throw new MalformedException(what + " has not 32 bytes");
        }
        return Digest.of(hash);
    }

    /** A decimal without sign or leading zero that fits a signed 64-bit number. */
    static long decimal(String text, String what) throws MalformedException {
        boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || (text.length() > 1 && text.charAt(0) == '0')) {
            throw new MalformedException(what + " is not a decimal number");
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new MalformedException(what + " is too large");
        }
    }

    /** UTF-8 without control characters except the newline. */
    static String utf8(byte[] bytes, String what) throws MalformedException {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException(what + " is not UTF-8");
        }
        if (text.chars().anyMatch(c -> c < 0x20 && c != '\n')) {
            throw new MalformedException(what + " holds a control character");
        }
        return text;
    }

    /** A key name: not empty, no white space, no plus. */
    static boolean isName(String name) {
        return !name.isEmpty()
                && name.codePoints()
                        .noneMatch(c ->
                                c == '+'
                                        || c < 0x20
                                        || c == 0x7f
                                        || c == 0x85
                                        || Character.isWhitespace(c)
                                        || Character.isSpaceChar(c));
    }
}

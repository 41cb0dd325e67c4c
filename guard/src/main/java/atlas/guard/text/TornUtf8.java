package atlas.guard.text;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * UTF-8 (RFC 3629 section 4) whose end may be torn. Strict as a decoder, but one that says no
 * without an exception: whoever sends thousands of runs that decode to nothing must not have each
 * of them paid for with several.
 */
final class TornUtf8 {
    private static final int MOST_TORN = 3;

    private TornUtf8() {}

    /** The text of these bytes, up to three of them at the end let go; null when it is none. */
    static @Nullable String text(byte[] bytes, int size) {
        int whole = whole(bytes, size);
        if (size - whole > MOST_TORN || whole == 0) {
            return null;
        }
        return new String(bytes, 0, whole, StandardCharsets.UTF_8);
    }

    /** How many bytes from the front are whole, well-formed characters. */
    private static int whole(byte[] bytes, int size) {
        int at = 0;
        while (at < size) {
            int width = width(bytes, at, size);
            if (width == 0) {
                break;
            }
            at += width;
        }
        return at;
    }

    /** Bytes of the character at {@code at}, or 0 when there is no whole one. */
    private static int width(byte[] bytes, int at, int size) {
        int first = bytes[at] & 0xff;
        if (first < 0x80) {
            return 1;
        }
        int width = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
        if (width == 0 || at + width > size) {
            return 0;
        }
        int second = bytes[at + 1] & 0xff;
        // No longer form than needed, no surrogates, nothing past U+10FFFF.
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) {
            return 0;
        }
        for (int i = 2; i < width; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return width;
    }
}

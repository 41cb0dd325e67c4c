package atlas.guard.text;

import java.text.Normalizer;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The folding of single code points: compatibility forms, lower case, look-alikes as Latin letters,
 * accents off, invisible characters away. Each page of 256 code points is worked out once.
 */
public final class Folding {
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

    /** Pairs of a look-alike and the Latin letter it is read as, both cases where they differ. */
    private static final String LOOK_ALIKES =
            "аaеeоoрpсcхxуyіiѕsјjԁdԛqԝwһhӏlкkмmнhтtвbАaВbЕeКkМmНhОoРpСcТtХxУyІiЅsЈjҮyүyҺhӀl"
                    + "αaβbεeιiκkνvοoρpτtυuχxγyηnωwμuΑaΒbΕeΖzΗhΙiΚkΜmΝnΟoΡpΤtΥyΧx"
                    + "օoսuհhոnցgքpϲcϳj"
                    + "ıiłløođdħhɡgɑaɩiʀrʏyɢgɪiɴnʙbʜhʟlɛeɔoʋvȷjƒf"
                    + "ᴀaᴄcᴅdᴇeꜰfᴊjᴋkᴍmᴏoᴘpꜱsᴛtᴜuᴠvᴡwᴢzᴦrᎪaᏴbᏟcᎠdᎬeᏀgᎻhᎫjᏦkᏞlᎷmᏢpᎡrᏚsᎢtᏙvᎳwᏃz"
                    + "’'‘'‚'‛'´'`'“\"”\"„\"«\"»\"‐-‑-‒-–-—-―-−-∕/⁄/∣|ǀ|․.‹<›>";

    private static final AtomicReferenceArray<String @Nullable []> PAGES =
            new AtomicReferenceArray<>(0x1100);
    private static final char[] ASCII = ascii();

    private Folding() {}

    /** What an ASCII character is read as. */
    static char ascii(char c) {
        return ASCII[c];
    }

    /** What a code point is read as; empty for what nobody sees. */
    static String of(int codePoint) {
        int page = codePoint >> 8;
        String[] known = PAGES.get(page);
        if (known == null) {
            known = new String[256];
            for (int i = 0; i < 256; i++) {
                known[i] = work(page << 8 | i);
            }
            // Two threads may work out the same page; they find the same.
            PAGES.set(page, known);
        }
        return known[codePoint & 0xff];
    }

    /**
     * Folds a short text, as for patterns, which must be written as the text will be read. Works
     * out only what it meets: patterns of many scripts would fill hundreds of pages at every start.
     */
    public static String fold(String text) {
        StringBuilder folded = new StringBuilder(text.length());
        text.codePoints().forEach(c -> folded.append(c < 128 ? String.valueOf(ASCII[c]) : work(c)));
        return folded.toString();
    }

    /** Whether a code point draws nothing and is there to join, steer or hide. */
    static boolean invisible(int c) {
        return c == 0xad
                || c == 0x34f
                || c == 0x61c
                || c == 0x115f
                || c == 0x1160
                || (c >= 0x17b4 && c <= 0x17b5)
                || (c >= 0x180b && c <= 0x180f)
                || (c >= 0x200b && c <= 0x200f)
                || (c >= 0x202a && c <= 0x202e)
                || (c >= 0x2060 && c <= 0x206f)
                || c == 0x3164
                || selector(c)
                || c == 0xfeff
                || c == 0xffa0
                || (c >= 0xfff0 && c <= 0xfffb)
                || (c >= 0x1d173 && c <= 0x1d17a)
                || (c >= 0xe0000 && c <= 0xe0fff);
    }

    /** Whether a code point is one of the 256 variation selectors. */
    static boolean selector(int c) {
        return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
    }

    /** Whether a code point is a tag character, an invisible copy of ASCII. */
    static boolean tag(int c) {
        return c >= 0xe0020 && c <= 0xe007e;
    }

    private static String work(int codePoint) {
        if (!Character.isDefined(codePoint)
                || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE)) {
            return "\ufffd";
        }
        if (invisible(codePoint)) {
            return "";
        }
        if (Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint)) {
            return codePoint == 0x2028 || codePoint == 0x2029 || codePoint == 0x85 ? "\n" : " ";
        }
        int boxed = boxedLetter(codePoint);
        if (boxed >= 0) {
            return LETTERS.substring(boxed, boxed + 1);
        }
        String lookAlike = lookAlike(codePoint);
        if (lookAlike != null) {
            return lookAlike;
        }
        String wide = Normalizer.normalize(Character.toString(codePoint), Normalizer.Form.NFKC);
        StringBuilder folded = new StringBuilder(4);
        for (int i = 0; i < wide.length() && folded.length() < 8; ) {
            int c = wide.codePointAt(i);
            i += Character.charCount(c);
            appendBare(c, folded);
        }
        return folded.toString();
    }

    /** Appends one code point in lower case without accents. */
    private static void appendBare(int codePoint, StringBuilder folded) {
        String bare = Character.toString(codePoint);
        if (Character.UnicodeScript.of(codePoint) != Character.UnicodeScript.HANGUL) {
            bare = Normalizer.normalize(bare, Normalizer.Form.NFD);
        }
        bare = bare.toLowerCase(Locale.ROOT);
        for (int i = 0; i < bare.length(); ) {
            int c = bare.codePointAt(i);
            i += Character.charCount(c);
            String lookAlike = lookAlike(c);
            if (c < 128) {
                folded.append(ASCII[c]);
            } else if (lookAlike != null) {
                folded.append(lookAlike);
            } else if (!accent(c) && !invisible(c)) {
                folded.appendCodePoint(c);
            }
        }
    }

    /**
     * Marks that only decorate; vowel signs of Indic, Thai and Arabic script are not among them.
     */
    private static boolean accent(int c) {
        return (c >= 0x300 && c <= 0x36f)
                || (c >= 0x483 && c <= 0x489)
                || (c >= 0x1ab0 && c <= 0x1aff)
                || (c >= 0x1dc0 && c <= 0x1dff)
                || (c >= 0x20d0 && c <= 0x20ff)
                || (c >= 0xfe20 && c <= 0xfe2f);
    }

    private static int boxedLetter(int c) {
        if (c >= 0x1f1e6 && c <= 0x1f1ff) {
            return c - 0x1f1e6;
        }
        if (c >= 0x1f130 && c <= 0x1f189) {
            int index = (c - 0x1f130) % 0x20;
            return index < 26 ? index : -1;
        }
        return -1;
    }

    private static @Nullable String lookAlike(int codePoint) {
        switch (codePoint) {
            case 'ß', 'ẞ':
                return "ss";
            case 'æ', 'Æ':
                return "ae";
            case 'œ', 'Œ':
                return "oe";
            default:
                break;
        }
        for (int i = 0; i < LOOK_ALIKES.length(); i += 2) {
            if (LOOK_ALIKES.charAt(i) == codePoint && codePoint >= 128) {
                return LOOK_ALIKES.substring(i + 1, i + 2);
            }
        }
        return null;
    }

    private static char[] ascii() {
        char[] table = new char[128];
        for (char c = 0; c < 128; c++) {
            boolean blank = c <= ' ' || c == 127;
            table[c] = blank ? (c == '\n' || c == '\r' ? '\n' : ' ') : Character.toLowerCase(c);
        }
        return table;
    }
}

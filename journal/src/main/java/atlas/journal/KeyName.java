package atlas.journal;

import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.YearMonth;
import java.util.HexFormat;

/**
 * The name of a key, as it stands in the entries under it: the month's file, the slot in it, and a
 * mark drawn when the key was made. When an older key file is put back its slots are used again;
 * the mark keeps entries under the keys that were lost with it from being taken for others.
 *
 * @param mark empty for keys made before there were marks
 */
record KeyName(YearMonth month, int slot, String mark) {
    static final int MARK_BYTES = 6;

    private static final SecureRandom RANDOM = new SecureRandom();

    /** A name nobody had. */
    static KeyName fresh(YearMonth month, int slot) {
        byte[] mark = new byte[MARK_BYTES];
        RANDOM.nextBytes(mark);
        return new KeyName(month, slot, HexFormat.of().formatHex(mark));
    }

    /** Reads a name; throws {@link IllegalArgumentException} when it is none. */
    static KeyName parse(String label) {
        int slash = label.indexOf('/');
        int dot = label.indexOf('.');
        try {
            String mark = dot < 0 ? "" : label.substring(dot + 1);
            YearMonth month = YearMonth.parse(label.substring(0, Math.max(0, slash)));
            String number = dot < 0 ? label.substring(slash + 1) : label.substring(slash + 1, dot);
            KeyName name = new KeyName(month, Integer.parseInt(number), mark);
            boolean marked = mark.matches("[0-9a-f]{12}") || (dot < 0 && mark.isEmpty());
            if (name.slot > 0 && marked && label.equals(name.label())) {
                return name;
            }
        } catch (DateTimeException | NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("not the name of a key", e);
        }
        throw new IllegalArgumentException("not the name of a key");
    }

    /** As it stands in entries. */
    String label() {
        return month + "/" + slot + (mark.isEmpty() ? "" : "." + mark);
    }
}

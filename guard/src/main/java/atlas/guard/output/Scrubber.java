package atlas.guard.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Takes secrets and personal data out of a text that arrives in pieces.
 *
 * <p>An automaton cuts the text into units without ever looking ahead, so the cuts are the same
 * however the text is split. A unit is withheld until it is complete and then judged; everything
 * between units leaves at once. A unit has {@link #LONGEST} characters at most: a longer token is
 * judged in overlapping pieces, and where a secret runs past such a piece, all that is left of the
 * token goes with it. Private keys in armour are swallowed up to their closing line.
 */
public final class Scrubber {
    /** The most that is ever withheld, in UTF-16 units. */
    public static final int LONGEST = 4096;

    private static final int OVERLAP = 512;
    private static final int CHAIN = 96;
    private static final int ARMOUR = 80;
    private static final int SWALLOWED = 1 << 15;
    private static final int CONTEXT = 128;
    private static final String BEGIN = "-----BEGIN";
    private static final String DASHES = "-----";

    private final Set<String> kept;
    private final StringBuilder unit = new StringBuilder();
    private final StringBuilder recent = new StringBuilder();
    private final StringBuilder tail = new StringBuilder();
    private final List<Found> findings = new ArrayList<>(0);
    private final StringBuilder out = new StringBuilder();
    private Phase phase = Phase.BETWEEN;
    private int group;
    private boolean groupDigit;
    private long at;
    private long swallowedFrom;
    private long steps;
    private boolean closing;

    /** A finding with its place in the text that went in. */
    public record Found(String type, String rule, long start, long end) {}

    private enum Phase {
        /** Not in a unit. */
        BETWEEN,
        /** In a token. */
        TOKEN,
        /** After a blank that may join two groups. */
        GAP,
        /** In the opening line of an armoured block. */
        ARMOUR,
        /** In a private key. */
        SWALLOW,
        /** In the rest of a token too long to withhold. */
        OVERFLOW
    }

    /** A scrubber that leaves findings of these types alone. */
    public Scrubber(Set<String> kept) {
        this.kept = kept;
    }

    /** Takes a piece and gives what may leave. */
    public String feed(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            step(text.charAt(i));
            at++;
        }
        return drain(false);
    }

    /** Gives the rest. */
    public String finish() {
        switch (phase) {
            case TOKEN -> complete(unit.length());
            case GAP -> {
                complete(unit.length() - 1);
                release(' ');
            }
            case ARMOUR -> endArmour(at);
            default -> {}
        }
        if (phase == Phase.SWALLOW) {
            findings.add(new Found("PRIVATE_KEY", "pem", swallowedFrom, at));
        }
        phase = Phase.BETWEEN;
        return drain(true);
    }

    /** What has been taken out so far. */
    public List<Found> findings() {
        return findings;
    }

    /** Characters looked at so far, counting each time one is judged again. */
    long steps() {
        return steps;
    }

    /** Never ends a piece between the halves of a surrogate pair. */
    private String drain(boolean all) {
        int ready = out.length();
        if (!all && ready > 0 && Character.isHighSurrogate(out.charAt(ready - 1))) {
            ready--;
        }
        String leaving = out.substring(0, ready);
        out.delete(0, ready);
        return leaving;
    }

    private void step(char c) {
        steps++;
        switch (phase) {
            case BETWEEN -> between(c);
            case TOKEN -> token(c);
            case GAP -> gap(c);
            case ARMOUR -> armour(c);
            case SWALLOW -> swallow(c);
            case OVERFLOW -> {
                if (!Chars.token(c)) {
                    phase = Phase.BETWEEN;
                    between(c);
                }
            }
        }
    }

    private void between(char c) {
        if (!Chars.token(c)) {
            release(c);
            return;
        }
        phase = Phase.TOKEN;
        group = 0;
        groupDigit = false;
        grow(c);
    }

    private void token(char c) {
        if (Chars.token(c)) {
            grow(c);
            if (unit.length() >= LONGEST) {
                cut();
            }
        } else if (c == ' ' && endsWith(unit, BEGIN)) {
            unit.append(c);
            phase = Phase.ARMOUR;
        } else if (c == ' ' && joins()) {
            unit.append(c);
            phase = Phase.GAP;
        } else {
            complete(unit.length());
            phase = Phase.BETWEEN;
            release(c);
        }
    }

    private void gap(char c) {
        boolean goesOn = Chars.digit(c) || c == '(' || c == '+' || (groupDigit && Chars.upper(c));
        if (goesOn) {
            phase = Phase.TOKEN;
            group = unit.length();
            groupDigit = false;
            grow(c);
            return;
        }
        complete(unit.length() - 1);
        release(' ');
        phase = Phase.BETWEEN;
        between(c);
    }

    private void grow(char c) {
        unit.append(c);
        groupDigit |= Chars.digit(c);
    }

    /** Whether the group that just ended may be followed by another of the same number. */
    private boolean joins() {
        if (unit.length() > CHAIN) {
            return false;
        }
        if (groupDigit) {
            return true;
        }
        int length = unit.length() - group;
        if (length > 4) {
            return false;
        }
        for (int i = group; i < unit.length(); i++) {
            if (!Chars.upper(unit.charAt(i)) && unit.charAt(i) != ')' && unit.charAt(i) != '(') {
                return false;
            }
        }
        return true;
    }

    private void armour(char c) {
        unit.append(c);
        if (c == '\n' || unit.length() > LONGEST || (endsWith(unit, DASHES)) || tooLongLine()) {
            endArmour(at + 1);
        }
    }

    private boolean tooLongLine() {
        return unit.length() - unit.lastIndexOf(BEGIN) > ARMOUR;
    }

    private void endArmour(long end) {
        int begin = unit.lastIndexOf(BEGIN);
        if (unit.indexOf("PRIVATE KEY", begin) < 0 || kept.contains("PRIVATE_KEY")) {
            complete(unit.length(), end);
            phase = Phase.BETWEEN;
            return;
        }
        String key = unit.substring(begin);
        unit.setLength(begin);
        swallowedFrom = end - key.length();
        complete(begin, swallowedFrom);
        out.append("[REDACTED:PRIVATE_KEY]");
        tail.setLength(0);
        closing = false;
        phase = Phase.SWALLOW;
    }

    private void swallow(char c) {
        tail.append(c);
        if (tail.length() > 64) {
            tail.delete(0, 32);
        }
        boolean ends = false;
        if (!closing) {
            closing = endsWith(tail, "-----END");
        } else {
            ends = endsWith(tail, DASHES);
        }
        if (ends || at - swallowedFrom >= SWALLOWED) {
            findings.add(new Found("PRIVATE_KEY", "pem", swallowedFrom, at + 1));
            phase = Phase.BETWEEN;
        }
    }

    /** A token has reached the limit: judges what is there and keeps an overlap. */
    private void cut() {
        long start = at + 1 - unit.length();
        List<Span> spans = judge(unit.toString());
        int upTo = unit.length() - OVERLAP;
        boolean open = false;
        for (Span span : spans) {
            open |= span.end() == unit.length();
            if (span.start() < upTo && span.end() > upTo) {
                upTo = span.end();
            }
        }
        if (open) {
            upTo = unit.length();
        }
        int limit = upTo;
        write(
                unit.substring(0, upTo),
                spans.stream().filter(s -> s.end() <= limit).toList(),
                start);
        unit.delete(0, upTo);
        group = 0;
        if (open) {
            phase = Phase.OVERFLOW;
        } else if (unit.isEmpty()) {
            phase = Phase.BETWEEN;
        }
    }

    private void complete(int length) {
        complete(length, at - (unit.length() - length));
    }

    /** Judges the first {@code length} characters of the unit, which ended at {@code end}. */
    private void complete(int length, long end) {
        String text = unit.substring(0, length);
        unit.setLength(0);
        write(text, plain(text) ? List.of() : judge(text), end - length);
    }

    /** Words of prose need no judging: short, no digit, no sign that could join anything. */
    private static boolean plain(String text) {
        if (text.length() > 24) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Chars.letter(c) && c != '.' && c != '!' && c != '?' && c != '-' && c != ':') {
                return false;
            }
        }
        boolean hardware = text.length() == 17 && text.charAt(2) == '-';
        return !hardware && (text.length() < 8 || text.indexOf(':') < 0 || text.endsWith(":"));
    }

    private List<Span> judge(String text) {
        steps += text.length();
        Unit judged = new Unit(text, recent);
        Detectors.run(judged);
        List<Span> spans = judged.spans();
        if (!spans.isEmpty() && !kept.isEmpty()) {
            spans.removeIf(s -> kept.contains(s.type()));
        }
        return spans;
    }

    private void write(String text, List<Span> spans, long start) {
        int from = 0;
        for (Span span : spans) {
            out.append(text, from, span.start());
            out.append("[REDACTED:").append(span.type()).append(']');
            findings.add(
                    new Found(span.type(), span.rule(), start + span.start(), start + span.end()));
            from = span.end();
        }
        out.append(text, from, text.length());
        remember(text);
    }

    private void release(char c) {
        out.append(c);
        recent.append(c);
        trim();
    }

    private void remember(String text) {
        recent.append(text, Math.max(0, text.length() - CONTEXT), text.length());
        trim();
    }

    private void trim() {
        if (recent.length() > 4 * CONTEXT) {
            recent.delete(0, recent.length() - CONTEXT);
        }
    }

    private static boolean endsWith(StringBuilder text, String end) {
        int offset = text.length() - end.length();
        if (offset < 0) {
            return false;
        }
        for (int i = 0; i < end.length(); i++) {
            if (text.charAt(offset + i) != end.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}

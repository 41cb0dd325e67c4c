package atlas.guard.text;

import java.util.Set;

/** What one pass over a text notices about how it is written. */
final class Traits {
    private static final int RUN = 16;

    private int invisible;
    private int styled;
    private int mixed;
    private int smuggled;
    private int leet;
    private int run;
    private int escape;
    private int groups;
    private boolean override;
    private boolean longRuns;
    private boolean latin;
    private boolean disguised;
    private boolean letter;
    private boolean swap;
    private boolean digitRun;

    void ascii(char c) {
        boolean isLetter = c >= 'a' && c <= 'z';
        if (isLetter) {
            latin = true;
            // A sign between letters: g1ve, p@ss. Digits after letters only, as in utf8, are no
            // swap.
            if (letter && swap) {
                digitRun = true;
            }
            letter = true;
            run++;
        } else if ((c >= '0' && c <= '9') || c == '@' || c == '$' || c == '|' || c == '!') {
            swap |= letter;
            run++;
        } else {
            // Digits in groups of two or eight may be bytes.
            groups = c == ' ' && (run == 2 || run == 8) ? groups + 1 : 0;
            longRuns |= groups >= 4;
            if (c == '%' || c == '&' || c == '\\') {
                escape++;
            }
            if (c != '+' && c != '/' && c != '=' && c != '-' && c != '_') {
                endWord();
                if (c != ' ' || run < 8) {
                    run = 0;
                }
            } else {
                run++;
            }
        }
        if (run >= RUN) {
            longRuns = true;
        }
    }

    void wide(int codePoint, String folded) {
        run = 0;
        if (Folding.tag(codePoint) || Folding.selector(codePoint)) {
            smuggled++;
        }
        if (folded.isEmpty()) {
            invisible++;
            override |= codePoint == 0x202e || codePoint == 0x202d;
            return;
        }
        char first = folded.charAt(0);
        if (first >= 'a' && first <= 'z') {
            disguised |=
                    folded.length() == 1 && Character.isLetter(codePoint) && foreign(codePoint);
            styled += codePoint >= 0x2100 && first != codePoint ? 1 : 0;
        } else if (first == ' ') {
            endWord();
        }
    }

    private static boolean foreign(int codePoint) {
        return codePoint >= 0x370 && codePoint < 0x590;
    }

    private void endWord() {
        if (digitRun) {
            leet++;
        }
        if (latin && disguised) {
            mixed++;
        }
        latin = false;
        disguised = false;
        letter = false;
        swap = false;
        digitRun = false;
    }

    void report(Set<Mark> marks) {
        endWord();
        if (invisible - smuggled >= 3) {
            marks.add(Mark.INVISIBLE_CHARACTERS);
        }
        if (mixed >= 2) {
            marks.add(Mark.MIXED_SCRIPT);
        }
        if (styled >= 4) {
            marks.add(Mark.STYLED_LETTERS);
        }
        if (override) {
            marks.add(Mark.BIDI_OVERRIDE);
        }
    }

    int leetWords() {
        return leet;
    }

    int smuggled() {
        return smuggled;
    }

    boolean escapes() {
        return escape >= 2;
    }

    boolean longRuns() {
        return longRuns;
    }
}

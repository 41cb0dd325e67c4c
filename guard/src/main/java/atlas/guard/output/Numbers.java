package atlas.guard.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Cards, accounts, telephone and identity numbers, however they are grouped. */
final class Numbers {
    private static final int MAX_GROUPS = 10;

    private Numbers() {}

    static void find(Unit unit) {
        String text = unit.text();
        int digits = 0;
        for (int i = 0; i < text.length(); i++) {
            digits += Chars.digit(text.charAt(i)) ? 1 : 0;
        }
        if (digits < 4) {
            return;
        }
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || !piece(text.charAt(i))) {
                if (i - start >= 7 && i - start <= 96) {
                    piece(unit, start, i);
                }
                start = i + 1;
            }
        }
    }

    private static boolean piece(char c) {
        return Chars.alnum(c) || " -./()+_".indexOf(c) >= 0;
    }

    /** Tries runs of groups, the long ones first. */
    private static void piece(Unit unit, int from, int to) {
        List<int[]> groups = groups(unit.text(), from, to);
        int most = Math.min(groups.size(), MAX_GROUPS);
        for (int size = most; size > 0; size--) {
            for (int first = 0; first + size <= groups.size(); first++) {
                int start = groups.get(first)[0];
                int end = groups.get(first + size - 1)[1];
                if (!unit.taken(start, end)) {
                    candidate(unit, start, end);
                }
            }
        }
    }

    private static List<int[]> groups(String text, int from, int to) {
        List<int[]> groups = new ArrayList<>();
        int start = from;
        for (int i = from; i <= to; i++) {
            if (i == to || text.charAt(i) == ' ') {
                int left = start;
                int right = i;
                while (left < right
                        && edge(text.charAt(left))
                        && text.charAt(left) != '('
                        && text.charAt(left) != '+') {
                    left++;
                }
                while (right > left && edge(text.charAt(right - 1))) {
                    right--;
                }
                if (left < right) {
                    groups.add(new int[] {left, right});
                }
                start = i + 1;
            }
        }
        return groups.size() > 16 ? groups.subList(0, 16) : groups;
    }

    private static boolean edge(char c) {
        return !Chars.alnum(c);
    }

    private static void candidate(Unit unit, int start, int end) {
        String raw = unit.text().substring(start, end);
        StringBuilder bare = new StringBuilder(raw.length());
        int digits = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (Chars.alnum(c)) {
                bare.append(Character.toUpperCase(c));
                digits += Chars.digit(c) ? 1 : 0;
            }
        }
        if (digits < (bare.length() < 10 ? 5 : 3) || bare.length() > 70) {
            return;
        }
        Number number = new Number(unit, start, raw, bare.toString(), digits == bare.length());
        Optional<String> type = Accounts.type(number);
        if (type.isEmpty()) {
            type = Identities.type(number);
        }
        if (type.isEmpty()) {
            type = Documents.type(number);
        }
        if (type.isEmpty()) {
            type = Phones.type(number);
        }
        type.ifPresent(t -> unit.found(t, "number", start, end));
    }

    /** A candidate: as written, and with only its letters and digits, in capitals. */
    record Number(Unit unit, int start, String raw, String bare, boolean digitsOnly) {
        int length() {
            return bare.length();
        }

        boolean near(String... words) {
            return unit.near(start, 48, words);
        }

        boolean grouped() {
            return raw.length() > bare.length();
        }
    }
}

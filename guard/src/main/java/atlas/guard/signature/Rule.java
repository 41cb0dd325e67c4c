package atlas.guard.signature;

import java.util.List;

/** Words of some classes in this order, each at most so many characters after the one before. */
final class Rule {
    static final int MAX_STEPS = 4;

    private final int number;
    private final int family;
    private final int[] classes;
    private final int[] gaps;

    Rule(int number, int family, List<Integer> classes, List<Integer> gaps) {
        this.number = number;
        this.family = family;
        this.classes = classes.stream().mapToInt(Integer::intValue).toArray();
        this.gaps = gaps.stream().mapToInt(Integer::intValue).toArray();
    }

    int number() {
        return number;
    }

    int family() {
        return family;
    }

    int steps() {
        return classes.length;
    }

    int words(int step) {
        return classes[step];
    }

    int gap(int step) {
        return gaps[step - 1];
    }

    boolean uses(int words) {
        for (int each : classes) {
            if (each == words) {
                return true;
            }
        }
        return false;
    }
}

package atlas.guard.signature;

import java.util.List;

/** Words of some classes in this order, each at most so many characters after the one before. */
record Rule(int number, int family, List<Integer> classes, List<Integer> gaps) {
    static final int MAX_STEPS = 4;

    int steps() {
        return classes.size();
    }

    int words(int step) {
        return classes.get(step);
    }

    int gap(int step) {
        return gaps.get(step - 1);
    }

    boolean uses(int words) {
        return classes.contains(words);
    }
}

package atlas.watch.behaviour;

import java.util.ArrayList;
import java.util.List;

/** The last so many journal indexes. Not thread-safe. */
final class Marks {
    private final long[] marks;
    private int next;
    private int size;

    Marks(int limit) {
        marks = new long[limit];
    }

    void add(long mark) {
        marks[next] = mark;
        next = (next + 1) % marks.length;
        size = Math.min(size + 1, marks.length);
    }

    /** The indexes, oldest first. */
    List<Long> list() {
        List<Long> list = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            list.add(marks[Math.floorMod(next - size + i, marks.length)]);
        }
        return list;
    }
}

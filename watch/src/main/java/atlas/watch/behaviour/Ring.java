package atlas.watch.behaviour;

/** The last so many times something happened, each with one number. Not thread-safe. */
final class Ring {
    private final long[] times;
    private final int[] marks;
    private int next;
    private int size;

    Ring(int limit) {
        times = new long[limit];
        marks = new int[limit];
    }

    void add(long time, long mark) {
        times[next] = time;
        marks[next] = (int) mark;
        next = (next + 1) % times.length;
        size = Math.min(size + 1, times.length);
    }

    boolean full() {
        return size == times.length;
    }

    int size() {
        return size;
    }

    /** The number that came with the oldest kept. */
    long oldestMark() {
        return marks[full() ? next : 0];
    }

    /** The time of the oldest kept. */
    long oldestTime() {
        return times[full() ? next : 0];
    }

    void clear() {
        size = 0;
        next = 0;
    }
}

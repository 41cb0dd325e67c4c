package atlas.guard.output;

/** A set of hashes without boxes, built once and then only asked. */
final class Grams {
    private final long[] table;
    private final int mask;
    private boolean zero;
    private boolean empty = true;

    Grams(int expected) {
        int size = Integer.highestOneBit(Math.max(8, expected)) << 2;
        table = new long[size];
        mask = size - 1;
    }

    void add(long hash) {
        empty = false;
        if (hash == 0) {
            zero = true;
            return;
        }
        int at = slot(hash);
        while (table[at] != 0 && table[at] != hash) {
            at = (at + 1) & mask;
        }
        table[at] = hash;
    }

    boolean contains(long hash) {
        if (hash == 0) {
            return zero;
        }
        int at = slot(hash);
        while (table[at] != 0) {
            if (table[at] == hash) {
                return true;
            }
            at = (at + 1) & mask;
        }
        return false;
    }

    boolean isEmpty() {
        return empty;
    }

    private int slot(long hash) {
        return (int) (hash >>> 24) & mask;
    }
}

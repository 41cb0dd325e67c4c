package atlas.runtime.wire;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Header fields while they are being read: alternating lower-case names and values. */
public final class Fields {
    private String[] flat = new String[32];
    private int size;

    public void add(String name, String value) {
        if (size == flat.length) {
            flat = Arrays.copyOf(flat, size * 2);
        }
        flat[size++] = name;
        flat[size++] = value;
    }

    int count() {
        return size / 2;
    }

    String name(int i) {
        return flat[2 * i];
    }

    String value(int i) {
        return flat[2 * i + 1];
    }

    @Nullable String first(String name) {
        for (int i = 0; i < size; i += 2) {
            if (flat[i].equals(name)) {
                return flat[i + 1];
            }
        }
        return null;
    }

    /** Takes the first field of that name out; null when there is none. */
    @Nullable String remove(String name) {
        for (int i = 0; i < size; i += 2) {
            if (flat[i].equals(name)) {
                String value = flat[i + 1];
                System.arraycopy(flat, i + 2, flat, i, size - i - 2);
                size -= 2;
                return value;
            }
        }
        return null;
    }

    int occurrences(String name) {
        int times = 0;
        for (int i = 0; i < size; i += 2) {
            if (flat[i].equals(name)) {
                times++;
            }
        }
        return times;
    }

    void clear() {
        Arrays.fill(flat, 0, size, null);
        size = 0;
    }

    String[] toArray() {
        return Arrays.copyOf(flat, size);
    }
}

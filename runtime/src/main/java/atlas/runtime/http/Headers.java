package atlas.runtime.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Header fields in order, names lower case. Immutable. Names and values that could break out of
 * their line are refused with {@link IllegalArgumentException}.
 */
public final class Headers {
    private static final Headers NONE = new Headers(new String[0]);

    private final String[] flat;

    private Headers(String[] flat) {
        this.flat = flat;
    }

    public static Headers none() {
        return NONE;
    }

    /** Fields from alternating names and values. */
    public static Headers of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("header names and values must come in pairs");
        }
        String[] flat = namesAndValues.clone();
        for (int i = 0; i < flat.length; i += 2) {
            flat[i] = checkedName(flat[i]);
            checkValue(flat[i + 1]);
        }
        return new Headers(flat);
    }

    /** Fields that a parser of this module has checked already; takes ownership of the array. */
    static Headers checked(String[] flat) {
        return flat.length == 0 ? NONE : new Headers(flat);
    }

    /** The alternating names and values; callers in this package do not write to it. */
    String[] flat() {
        return flat;
    }

    public Optional<String> first(String name) {
        for (int i = 0; i < flat.length; i += 2) {
            if (flat[i].equalsIgnoreCase(name)) {
                return Optional.of(flat[i + 1]);
            }
        }
        return Optional.empty();
    }

    public List<String> all(String name) {
        List<String> values = new ArrayList<>(2);
        for (int i = 0; i < flat.length; i += 2) {
            if (flat[i].equalsIgnoreCase(name)) {
                values.add(flat[i + 1]);
            }
        }
        return List.copyOf(values);
    }

    /** These fields and one more at the end. */
    public Headers with(String name, String value) {
        String[] more = Arrays.copyOf(flat, flat.length + 2);
        more[flat.length] = checkedName(name);
        checkValue(value);
        more[flat.length + 1] = value;
        return new Headers(more);
    }

    /** These fields without any called {@code name}. */
    public Headers without(String name) {
        List<String> left = new ArrayList<>(flat.length);
        for (int i = 0; i < flat.length; i += 2) {
            if (!flat[i].equalsIgnoreCase(name)) {
                left.add(flat[i]);
                left.add(flat[i + 1]);
            }
        }
        return checked(left.toArray(String[]::new));
    }

    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        for (int i = 0; i < flat.length; i += 2) {
            names.add(flat[i]);
        }
        return names;
    }

    public void forEach(BiConsumer<String, String> each) {
        for (int i = 0; i < flat.length; i += 2) {
            each.accept(flat[i], flat[i + 1]);
        }
    }

    private static String checkedName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c <= ' ' || c >= 127 || "\"(),/:;<=>?@[\\]{}".indexOf(c) >= 0) {
                throw new IllegalArgumentException("not a header name: `" + name + "`");
            }
        }
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a header name must not be empty");
        }
        return name.toLowerCase(Locale.ROOT);
    }

    private static void checkValue(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c == 127 || c > 255) {
                throw new IllegalArgumentException("a header value holds a forbidden character");
            }
        }
    }

    /** Names only: values may be secret. */
    @Override
    public String toString() {
        return "Headers" + names();
    }
}

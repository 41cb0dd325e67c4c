package atlas.core;

import java.util.regex.Pattern;

/** One immutable version of a named model, written {@code name@version}; versions count from 1. */
public record ModelRef(String name, int version) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,99}");

    public ModelRef {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "not a model name: `" + name + "` (lower-case letters, digits, `.`, `_`, `-`)");
        }
        if (version < 1) {
            throw new IllegalArgumentException("model versions count from 1, not " + version);
        }
    }

    /** Whether this could name a model. */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /**
     * Reads {@code name@version}.
     *
     * @throws IllegalArgumentException when it is not of that form
     */
    public static ModelRef parse(String text) {
        int at = text.lastIndexOf('@');
        if (at < 0) {
            throw new IllegalArgumentException("expected `name@version`, got `" + text + "`");
        }
        try {
            return new ModelRef(text.substring(0, at), Integer.parseInt(text.substring(at + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a model version in `" + text + "`", e);
        }
    }

    @Override
    public String toString() {
        return name + "@" + version;
    }
}

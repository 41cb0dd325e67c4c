package atlas.runtime;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Texts into values: numbers, sizes, times, names. Refusals say what would be accepted. */
final class ConfigScalars {
    static final String DURATION_HINT = "write a number and a unit: ms, s, m, h or d, as in `10s`";
    static final String SIZE_HINT = "write bytes, or a unit: KiB, MiB or GiB, as in `4MiB`";
    static final String PATH_HINT = "relative paths start at the configuration's directory";

    /** A text that does not fit, and what would. */
    static final class Misfit extends Exception {
        private static final long serialVersionUID = 1L;

        private final String hint;

        Misfit(String message, String hint) {
            super(message);
            this.hint = hint;
        }

        String message() {
            return String.valueOf(getMessage());
        }

        String hint() {
            return hint;
        }
    }

    private ConfigScalars() {}

    static boolean known(Class<?> type) {
        return type == String.class
                || type.isPrimitive()
                || type == Integer.class
                || type == Long.class
                || type == Double.class
                || type == Boolean.class
                || type == Duration.class
                || type == Path.class
                || type == URI.class
                || type == InetSocketAddress.class
                || type.isEnum()
                || parser(type).isPresent();
    }

    /** Whether a component holds a number of bytes, so that units are accepted. */
    static boolean size(Class<?> type, String key) {
        return (type == int.class || type == long.class) && key.endsWith("bytes");
    }

    static Object read(Class<?> type, String key, String text, Path directory) throws Misfit {
        if (type == String.class) {
            return text;
        } else if (size(type, key)) {
            return fit(type, bytes(text));
        } else if (type == int.class
                || type == Integer.class
                || type == long.class
                || type == Long.class) {
            return fit(type, integer(text));
        } else if (type == double.class || type == Double.class) {
            return decimal(text);
        } else if (type == boolean.class || type == Boolean.class) {
            return bool(text);
        } else if (type == Duration.class) {
            return duration(text);
        } else if (type == Path.class) {
            return path(text, key, directory);
        } else if (type == URI.class) {
            return uri(text);
        } else if (type == InetSocketAddress.class) {
            return address(text);
        } else if (type.isEnum()) {
            return constant(type, text);
        }
        return parse(type, text);
    }

    private static Object fit(Class<?> type, long value) throws Misfit {
        if (type == long.class || type == Long.class) {
            return value;
        }
        if (value != (int) value) {
            throw new Misfit("`" + value + "` is too large", "");
        }
        return (int) value;
    }

    private static long integer(String text) throws Misfit {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new Misfit("`" + text + "` is not a whole number", "");
        }
    }

    private static double decimal(String text) throws Misfit {
        try {
            double value = Double.parseDouble(text);
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new Misfit("`" + text + "` is not a number", "");
        }
        throw new Misfit("`" + text + "` is not a number", "");
    }

    private static boolean bool(String text) throws Misfit {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Misfit("`" + text + "` is neither true nor false", "");
        };
    }

    private static int digits(String text) {
        int end = 0;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        return end;
    }

    static Duration duration(String text) throws Misfit {
        int end = digits(text);
        String unit = text.substring(end);
        long millis =
                switch (unit) {
                    case "ms" -> 1;
                    case "s" -> 1_000;
                    case "m" -> 60_000;
                    case "h" -> 3_600_000;
                    case "d" -> 86_400_000;
                    default -> 0;
                };
        if (end == 0 || end > 9 || millis == 0) {
            throw new Misfit("`" + text + "` is not a time", DURATION_HINT);
        }
        return Duration.ofMillis(
                Math.multiplyExact(Long.parseLong(text.substring(0, end)), millis));
    }

    private static long bytes(String text) throws Misfit {
        int end = digits(text);
        int shift =
                switch (text.substring(end)) {
                    case "", "B" -> 0;
                    case "KiB" -> 10;
                    case "MiB" -> 20;
                    case "GiB" -> 30;
                    default -> -1;
                };
        if (end == 0 || end > 12 || shift < 0) {
            throw new Misfit("`" + text + "` is not a size", SIZE_HINT);
        }
        return Long.parseLong(text.substring(0, end)) << shift;
    }

    private static Path path(String text, String key, Path directory) throws Misfit {
        Path file;
        try {
            file = directory.resolve(text);
        } catch (InvalidPathException e) {
            throw new Misfit("`" + text + "` is not a path", "");
        }
        // A socket is there when somebody listens; whatever else is named is read at the start.
        if (!key.equals("socket") && !Files.exists(file)) {
            throw new Misfit("there is no file `" + text + "`", PATH_HINT);
        }
        return file;
    }

    private static URI uri(String text) throws Misfit {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new Misfit("`" + text + "` is not a URI", "");
        }
    }

    private static InetSocketAddress address(String text) throws Misfit {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            String host = text.substring(0, Math.max(0, colon));
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            if (!host.isEmpty() && port >= 0 && port <= 65535) {
                return new InetSocketAddress(host, port);
            }
        } catch (NumberFormatException e) {
            throw new Misfit("`" + text + "` is not an address", "write `host:port`");
        }
        throw new Misfit("`" + text + "` is not an address", "write `host:port`");
    }

    private static Object constant(Class<?> type, String text) throws Misfit {
        StringBuilder all = new StringBuilder();
        for (Object constant : type.getEnumConstants()) {
            String name = KeyNames.constant((Enum<?>) constant);
            if (name.equals(text)) {
                return constant;
            }
            all.append(all.isEmpty() ? "" : ", ").append(name);
        }
        throw new Misfit("`" + text + "` is not one of the choices", "choose from " + all);
    }

    /** A value type of ours reads itself: a public static {@code parse} or {@code of} on a text. */
    private static Optional<Method> parser(Class<?> type) {
        for (String name : new String[] {"parse", "of"}) {
            try {
                Method method = type.getMethod(name, String.class);
                if (Modifier.isStatic(method.getModifiers()) && method.getReturnType() == type) {
                    return Optional.of(method);
                }
            } catch (NoSuchMethodException e) {
                continue;
            }
        }
        return Optional.empty();
    }

    private static Object parse(Class<?> type, String text) throws Misfit {
        Method parser = parser(type).orElseThrow();
        try {
            return parser.invoke(null, text);
        } catch (InvocationTargetException e) {
            String why = e.getCause() == null ? null : e.getCause().getMessage();
            throw new Misfit(why == null ? "`" + text + "` is not accepted" : why, "");
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(type + " cannot be read from a configuration", e);
        }
    }
}

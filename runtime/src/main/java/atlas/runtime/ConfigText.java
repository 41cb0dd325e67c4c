package atlas.runtime;

import atlas.core.Sensitive;
import java.lang.reflect.RecordComponent;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** A resolved configuration as YAML that reads back to the same values. */
final class ConfigText {
    private final StringBuilder out = new StringBuilder();
    private final Function<Object, String> reference;

    private ConfigText(Function<Object, String> reference) {
        this.reference = reference;
    }

    static String of(Map<String, Object> sections, Function<Object, String> reference) {
        ConfigText text = new ConfigText(reference);
        sections.forEach((name, section) -> text.entry(name, section, 0));
        return text.out.toString();
    }

    private void entry(String key, Object value, int depth) {
        if (value instanceof Optional<?> optional) {
            optional.ifPresent(present -> entry(key, present, depth));
            return;
        }
        indent(depth).append(key).append(':');
        block(value, depth + 1);
    }

    private void block(Object value, int depth) {
        if (value instanceof Collection<?> items && !items.isEmpty()) {
            out.append('\n');
            for (Object item : items) {
                indent(depth).append('-');
                block(item, depth + 1);
            }
        } else if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            out.append('\n');
            Map<String, Object> sorted = new TreeMap<>();
            map.forEach((key, item) -> sorted.put(scalar(key), item));
            sorted.forEach((key, item) -> entry(key, item, depth));
        } else if (value instanceof Record record && !ConfigScalars.known(record.getClass())) {
            out.append('\n');
            for (RecordComponent component : record.getClass().getRecordComponents()) {
                try {
                    entry(
                            KeyNames.kebab(component.getName()),
                            component.getAccessor().invoke(record),
                            depth);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException("a component cannot be read", e);
                }
            }
        } else {
            out.append(' ').append(scalar(value)).append('\n');
        }
    }

    private String scalar(Object value) {
        return switch (value) {
            case Sensitive<?> secret -> quoted(reference.apply(secret));
            case Duration duration -> duration(duration);
            case Enum<?> constant -> KeyNames.constant(constant);
            case InetSocketAddress address ->
                    quoted(address.getHostString() + ":" + address.getPort());
            case Number number -> number.toString();
            case Boolean bool -> bool.toString();
            case Collection<?> _ -> "[]";
            case Map<?, ?> _ -> "{}";
            default -> quoted(value.toString());
        };
    }

    private static String duration(Duration duration) {
        long millis = duration.toMillis();
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }

    private static String quoted(String text) {
        boolean plain = !text.isEmpty() && Character.isLetter(text.charAt(0));
        for (int i = 0; i < text.length() && plain; i++) {
            char c = text.charAt(i);
            plain = Character.isLetterOrDigit(c) || "-_./".indexOf(c) >= 0;
        }
        boolean word =
                switch (text) {
                    case "true", "false", "null", "yes", "no", "on", "off" -> true;
                    default -> false;
                };
        return plain && !word
                ? text
                : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private StringBuilder indent(int depth) {
        return out.repeat(' ', depth * 2);
    }
}

package atlas.guard.output;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Credentials that vendors mark with a prefix of their own; the list is {@code secrets.txt}. */
final class Vendors {
    private static final Map<Integer, List<Shape>> SHAPES = read();

    private Vendors() {}

    /** A prefix and what follows it. */
    private record Shape(String type, String prefix, String body, int min) {
        boolean allows(char c) {
            return switch (body) {
                case "hex" -> Chars.hex(c);
                case "upper" -> Chars.upper(c) || Chars.digit(c);
                case "digit" -> Chars.digit(c);
                case "alnum" -> Chars.alnum(c);
                case "word" -> Chars.alnum(c) || c == '_' || c == '-';
                default -> Chars.alnum(c) || "_-+/=.".indexOf(c) >= 0;
            };
        }
    }

    static void find(Unit unit) {
        String text = unit.text();
        for (int i = 0; i + 6 < text.length(); i++) {
            if (i > 0 && Chars.alnum(text.charAt(i - 1))) {
                continue;
            }
            List<Shape> shapes = SHAPES.get(key(text, i));
            if (shapes == null) {
                continue;
            }
            for (Shape shape : shapes) {
                int end = match(text, i, shape);
                if (end > 0) {
                    unit.found(shape.type(), "prefix:" + shape.prefix(), i, end);
                    i = end - 1;
                    break;
                }
            }
        }
    }

    private static int match(String text, int start, Shape shape) {
        if (!text.startsWith(shape.prefix(), start)) {
            return -1;
        }
        int body = start + shape.prefix().length();
        int end = body;
        while (end < text.length() && shape.allows(text.charAt(end))) {
            end++;
        }
        while (end > body
                && ".=-".indexOf(text.charAt(end - 1)) >= 0
                && text.charAt(end - 1) == '.') {
            end--;
        }
        return end - body >= shape.min() && !Entropy.dull(text, body, end) ? end : -1;
    }

    private static int key(String text, int at) {
        return text.charAt(at) << 7 ^ text.charAt(at + 1);
    }

    private static Map<Integer, List<Shape>> read() {
        Map<Integer, List<Shape>> shapes = new HashMap<>();
        try (InputStream in =
                Objects.requireNonNull(
                        Vendors.class.getResourceAsStream("/atlas/guard/secrets.txt"))) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                String[] part = line.strip().split(" +");
                Shape shape = new Shape(part[0], part[1], part[2], Integer.parseInt(part[3]));
                shapes.computeIfAbsent(key(shape.prefix(), 0), k -> new ArrayList<>()).add(shape);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("reading the secret shapes of this build", e);
        }
        return shapes;
    }
}

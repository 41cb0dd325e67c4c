package atlas.core.json;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent;
import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.Sensitive;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The page that lists every field of every fact is made from the facts themselves; write it with
 * {@code -Datlas.golden=write}.
 */
class JournalEntriesPageTest {
    private static final Path PAGE = Path.of("../docs/reference/journal-entries.md");
    private static final String BEGIN = "<!-- facts: generated -->\n";
    private static final String END = "<!-- /facts -->\n";

    @Test
    void thePageListsEveryFieldOfEveryFact() throws Exception {
        String page = Files.readString(PAGE);
        int from = page.indexOf(BEGIN) + BEGIN.length();
        int to = page.indexOf(END);
        String table = table();
        if ("write".equals(System.getProperty("atlas.golden"))) {
            Files.writeString(PAGE, page.substring(0, from) + table + page.substring(to));
            return;
        }
        assertThat(page.substring(from, to)).isEqualTo(table);
    }

    @Test
    void everyPartOfAFactIsInItsJson() throws Exception {
        for (Class<?> fact : AuditEvent.class.getPermittedSubclasses()) {
            AuditEvent event = (AuditEvent) sample(fact);
            assertThat(fields(event)).as(fact.getSimpleName()).hasSizeGreaterThan(1);
            int parts = fact.getRecordComponents().length;
            long top =
                    fields(event).keySet().stream().map(f -> f.split(" › ")[0]).distinct().count();
            // `kind` comes on top; a model and parameters are more than one field each.
            assertThat(top).as(fact.getSimpleName()).isGreaterThanOrEqualTo(parts);
        }
    }

    private static String table() throws Exception {
        StringBuilder out = new StringBuilder();
        List<AuditEvent> events =
                Stream.of(AuditEvent.class.getPermittedSubclasses())
                        .map(JournalEntriesPageTest::sampled)
                        .toList();
        for (AuditEvent event : events) {
            out.append("\n### `").append(AuditJson.kind(event)).append("`\n\n");
            out.append("| field | type | OpenTelemetry |\n|---|---|---|\n");
            for (Map.Entry<String, String> field : fields(event).entrySet()) {
                out.append("| `")
                        .append(field.getKey())
                        .append("` | ")
                        .append(field.getValue())
                        .append(" | ")
                        .append(conventional(field.getKey()) ? "yes" : "")
                        .append(" |\n");
            }
        }
        return out.append('\n').toString();
    }

    private static boolean conventional(String path) {
        String name = path.substring(path.lastIndexOf(' ') + 1);
        return name.matches("(gen_ai|http|url|error)\\..*");
    }

    /** Every field with its type, one below another as {@code outer › inner}. */
    private static Map<String, String> fields(AuditEvent event) throws IOException {
        Map<String, String> fields = new TreeMap<>();
        Deque<String> path = new ArrayDeque<>();
        try (JsonParser in = Json.factory().createParser(AuditJson.bytes(event))) {
            String name = "";
            for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
                switch (token) {
                    case FIELD_NAME -> name = in.currentName();
                    case START_OBJECT -> path.addLast(name);
                    case END_OBJECT -> path.removeLast();
                    case START_ARRAY -> put(fields, path, name, "list");
                    case END_ARRAY -> {}
                    case VALUE_STRING -> put(fields, path, name, "string");
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> put(fields, path, name, "number");
                    case VALUE_TRUE, VALUE_FALSE -> put(fields, path, name, "boolean");
                    case VALUE_NULL, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
                            throw new AssertionError("unexpected " + token + " at " + name);
                }
            }
        }
        return fields;
    }

    private static void put(
            Map<String, String> fields, Deque<String> path, String name, String type) {
        String outer = String.join(" › ", path.stream().filter(p -> !p.isEmpty()).toList());
        fields.putIfAbsent(outer.isEmpty() ? name : outer + " › " + name, type);
    }

    private static AuditEvent sampled(Class<?> fact) {
        try {
            return (AuditEvent) sample(fact);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    /** An instance with every part there. */
    private static Object sample(Class<?> record) throws ReflectiveOperationException {
        RecordComponent[] parts = record.getRecordComponents();
        Object[] values = new Object[parts.length];
        for (int i = 0; i < parts.length; i++) {
            values[i] = value(parts[i].getGenericType());
        }
        Class<?>[] types =
                Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Constructor<?> made = record.getDeclaredConstructor(types);
        return made.newInstance(values);
    }

    private static Object value(Type type) throws ReflectiveOperationException {
        if (type instanceof ParameterizedType of) {
            String raw = ((Class<?>) of.getRawType()).getSimpleName().toLowerCase(Locale.ROOT);
            Type[] arguments = of.getActualTypeArguments();
            return switch (raw) {
                case "list" -> List.of(value(arguments[0]));
                case "optional" -> Optional.of(value(arguments[0]));
                case "sensitive" -> Sensitive.of(value(arguments[0]));
                case "map" -> Map.of(value(arguments[0]), value(arguments[1]));
                default -> throw new AssertionError("no sample of " + type);
            };
        }
        Class<?> plain = (Class<?>) type;
        if (plain == String.class) {
            return "x";
        } else if (plain == long.class || plain == Long.class) {
            return 1L;
        } else if (plain == int.class) {
            return 1;
        } else if (plain == double.class || plain == Double.class) {
            return 0.5;
        } else if (plain == boolean.class) {
            return true;
        } else if (plain == Digest.class) {
            return Digest.of(new byte[Digest.BYTES]);
        } else if (plain == ModelRef.class) {
            return new ModelRef("model", 1);
        } else if (plain == Duration.class) {
            return Duration.ofSeconds(1);
        } else if (plain == Instant.class) {
            return Instant.EPOCH;
        } else if (plain.isRecord()) {
            return sample(plain);
        }
        throw new AssertionError("no sample of " + type);
    }
}

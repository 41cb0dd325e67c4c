package atlas.export.format;

import atlas.core.AuditEvent;
import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.core.json.AuditJson;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** One fact of every kind there is, filled by its types, so that a new kind is in every test. */
public final class EveryFact {
    /** What no metadata may ever hold. */
    public static final String SECRET = "the words of a person";

    private static final Instant WHEN = Instant.parse("2026-03-04T05:06:07.123456789Z");

    private final String text;

    private EveryFact(String text) {
        this.text = text;
    }

    /** Facts whose texts are all {@code text}. */
    public static Stream<AuditEvent> with(String text) {
        EveryFact facts = new EveryFact(text);
        return Stream.of(AuditEvent.class.getPermittedSubclasses())
                .map(type -> (AuditEvent) facts.record(type));
    }

    /** Entries of such facts, numbered from 0. */
    public static List<ExportEntry> entries(String text) {
        List<AuditEvent> facts = with(text).toList();
        return java.util.stream.IntStream.range(0, facts.size())
                .mapToObj(i -> entry(i, facts.get(i)))
                .toList();
    }

    /** An entry of a fact. */
    public static ExportEntry entry(long index, AuditEvent fact) {
        return new ExportEntry(
                "test.internal/journal/1",
                index,
                WHEN,
                AuditJson.kind(fact),
                Hashes.sha256("leaf " + index).hex(),
                new String(AuditJson.bytes(fact), StandardCharsets.UTF_8));
    }

    private Object record(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = value(components[i].getGenericType());
        }
        try {
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(type + " cannot be made", e);
        }
    }

    private Object value(Type type) {
        if (type instanceof ParameterizedType many) {
            Type of = many.getActualTypeArguments()[0];
            Class<?> raw = (Class<?>) many.getRawType();
            if (raw == List.class) {
                return List.of(value(of), value(of));
            } else if (raw == Optional.class) {
                return Optional.of(value(of));
            } else if (raw == Sensitive.class) {
                return Sensitive.of(SECRET);
            } else if (raw == Map.class) {
                return Map.of("bad_key", 3L, "no_credential", 4L);
            }
            throw new AssertionError("no sample of " + type);
        }
        Class<?> raw = (Class<?>) type;
        if (raw == String.class) {
            return text;
        } else if (raw == long.class || raw == Long.class) {
            return 7L;
        } else if (raw == int.class || raw == Integer.class) {
            return 3;
        } else if (raw == double.class || raw == Double.class) {
            return 0.25;
        } else if (raw == boolean.class || raw == Boolean.class) {
            return true;
        } else if (raw == Instant.class) {
            return WHEN;
        } else if (raw == Duration.class) {
            return Duration.ofMillis(1500);
        } else if (raw == ModelRef.class) {
            return ModelRef.parse("demo@2");
        } else if (raw == Digest.class) {
            return Hashes.sha256("x");
        }
        return record(raw);
    }
}

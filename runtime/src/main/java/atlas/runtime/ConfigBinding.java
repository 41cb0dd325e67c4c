package atlas.runtime;

import atlas.core.Sensitive;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Walks a record's components and a YAML tree side by side; collects problems, stops at none. */
final class ConfigBinding {
    private final Path directory;
    private final Map<String, String> env;
    private final List<ConfigProblem> problems;
    private final Map<Object, String> references = new IdentityHashMap<>();

    ConfigBinding(Path file, Map<String, String> env, List<ConfigProblem> problems) {
        Path parent = file.toAbsolutePath().getParent();
        this.directory = parent == null ? file.toAbsolutePath() : parent;
        this.env = env;
        this.problems = problems;
    }

    /** Where a secret came from, as it was written. */
    String reference(Object secret) {
        return references.getOrDefault(secret, "[sensitive]");
    }

    static ConfigProblem at(@Nullable Node node, String path, String message, String hint) {
        if (node == null) {
            return new ConfigProblem(0, 0, path, message, hint);
        }
        return node.getStartMark()
                .map(mark ->
                        new ConfigProblem(
                                mark.getLine() + 1, mark.getColumn() + 1, path, message, hint))
                .orElseGet(() -> new ConfigProblem(0, 0, path, message, hint));
    }

    /** A section's record, or null when there were problems. */
    @Nullable Object section(String name, @Nullable Node node, Class<? extends Record> type) {
        return record(type, node, name, defaults(type));
    }

    private static @Nullable Object defaults(Class<?> type) {
        try {
            return type.getMethod("defaults").invoke(null);
        } catch (NoSuchMethodException e) {
            return null;
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("the defaults of " + type + " cannot be read", e);
        }
    }

    private @Nullable Object record(
            Class<?> type, @Nullable Node node, String path, @Nullable Object defaults) {
        int before = problems.size();
        Map<String, Node> given = mapping(node, path);
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        Set<String> known = new LinkedHashSet<>();
        for (int i = 0; i < components.length; i++) {
            RecordComponent component = components[i];
            String key = KeyNames.kebab(component.getName());
            known.add(key);
            types[i] = component.getType();
            Object value =
                    component(component, key, path + "." + key, given.get(key), node, defaults);
            if (value != null) {
                values[i] = value;
            }
        }
        unknown(node, path, known);
        if (problems.size() > before) {
            return null;
        }
        try {
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (InvocationTargetException e) {
            String why = e.getCause() == null ? null : e.getCause().getMessage();
            problems.add(at(node, path, why == null ? "is not accepted" : why, ""));
            return null;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " cannot be made from a configuration", e);
        }
    }

    private @Nullable Object component(
            RecordComponent component,
            String key,
            String path,
            @Nullable Node node,
            @Nullable Node parent,
            @Nullable Object defaults) {
        Object fallback = null;
        if (defaults != null) {
            try {
                fallback = component.getAccessor().invoke(defaults);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("the default of " + path + " cannot be read", e);
            }
        }
        int before = problems.size();
        Object value = value(component.getGenericType(), key, path, node, fallback);
        if (value == null && problems.size() == before) {
            problems.add(at(parent, path, "is missing", ""));
        }
        return value;
    }

    /** The value, the fallback, or null: with a problem added, or because it is required. */
    private @Nullable Object value(
            Type type, String key, String path, @Nullable Node node, @Nullable Object fallback) {
        Class<?> raw = raw(type);
        if (raw == Optional.class) {
            return optional(type, key, path, node, fallback);
        } else if (raw == Sensitive.class) {
            return secret(type, path, node, fallback);
        } else if (raw == List.class || raw == Set.class) {
            return sequence(type, key, path, node, fallback);
        } else if (raw == Map.class) {
            return table(type, path, node, fallback);
        } else if (ConfigScalars.known(raw)) {
            return scalar(raw, key, path, node, fallback);
        } else if (raw.isRecord()) {
            return record(raw, node, path, fallback != null ? fallback : defaults(raw));
        }
        throw new IllegalStateException("`" + path + "` has a type no configuration can hold");
    }

    private @Nullable Object optional(
            Type type, String key, String path, @Nullable Node node, @Nullable Object fallback) {
        Type inner = argument(type, 0);
        boolean absent = node == null || nothing(node);
        boolean scalar = ConfigScalars.known(raw(inner)) || raw(inner) == Sensitive.class;
        if (absent && !(scalar && env.containsKey(KeyNames.variable(path)))) {
            return fallback == null || (node != null) ? Optional.empty() : fallback;
        }
        Object value = value(inner, key, path, node, null);
        return value == null ? null : Optional.of(value);
    }

    private @Nullable Object scalar(
            Class<?> type,
            String key,
            String path,
            @Nullable Node node,
            @Nullable Object fallback) {
        String text = env.get(KeyNames.variable(path));
        String where = text == null ? "" : " (from `" + KeyNames.variable(path) + "`)";
        if (text == null) {
            if (node == null) {
                return fallback;
            }
            if (!(node instanceof ScalarNode value) || nothing(node)) {
                problems.add(at(node, path, "must be a single value", ""));
                return null;
            }
            text = value.getValue();
        }
        try {
            return ConfigScalars.read(type, key, text, directory);
        } catch (ConfigScalars.Misfit e) {
            problems.add(at(where.isEmpty() ? node : null, path, e.message() + where, e.hint()));
            return null;
        }
    }

    private @Nullable Object secret(
            Type type, String path, @Nullable Node node, @Nullable Object fallback) {
        String text = env.get(KeyNames.variable(path));
        if (text == null) {
            if (node == null) {
                return fallback;
            }
            text = node instanceof ScalarNode scalar ? scalar.getValue() : "";
        }
        byte[] bytes;
        if (text.startsWith("file:")) {
            try {
                bytes = Files.readAllBytes(directory.resolve(text.substring(5)));
            } catch (IOException e) {
                problems.add(at(node, path, "`" + text + "` cannot be read", ""));
                return null;
            }
        } else if (text.startsWith("env:")) {
            String value = env.get(text.substring(4));
            if (value == null) {
                problems.add(at(node, path, "`" + text + "` is not set", ""));
                return null;
            }
            bytes = value.getBytes(StandardCharsets.UTF_8);
        } else {
            // The text may be the secret itself: it is not repeated.
            problems.add(
                    at(node, path, "a secret is given by reference", "write `file:` or `env:`"));
            return null;
        }
        Object secret =
                raw(argument(type, 0)) == byte[].class
                        ? Sensitive.of(bytes)
                        : Sensitive.of(new String(bytes, StandardCharsets.UTF_8).stripTrailing());
        references.put(secret, text);
        return secret;
    }

    private @Nullable Object sequence(
            Type type, String key, String path, @Nullable Node node, @Nullable Object fallback) {
        if (node == null) {
            return fallback != null ? fallback : raw(type) == Set.class ? Set.of() : List.of();
        }
        if (!(node instanceof SequenceNode sequence)) {
            problems.add(at(node, path, "must be a list", ""));
            return null;
        }
        int before = problems.size();
        List<Object> values = new ArrayList<>();
        int i = 0;
        for (Node item : sequence.getValue()) {
            Object value = value(argument(type, 0), key, path + "." + i++, item, null);
            if (value != null) {
                values.add(value);
            }
        }
        if (problems.size() > before) {
            return null;
        }
        return raw(type) == Set.class ? Set.copyOf(new HashSet<>(values)) : List.copyOf(values);
    }

    private @Nullable Object table(
            Type type, String path, @Nullable Node node, @Nullable Object fallback) {
        if (node == null) {
            return fallback != null ? fallback : Map.of();
        }
        int before = problems.size();
        Class<?> keys = raw(argument(type, 0));
        Map<Object, Object> values = new LinkedHashMap<>();
        mapping(node, path)
                .forEach((name, item) -> {
                    Object key = tableKey(keys, path + "." + name, name, item);
                    Object value = value(argument(type, 1), name, path + "." + name, item, null);
                    if (key != null && value != null) {
                        values.put(key, value);
                    }
                });
        return problems.size() > before ? null : Map.copyOf(values);
    }

    private @Nullable Object tableKey(Class<?> type, String path, String text, Node place) {
        try {
            return ConfigScalars.read(type, "", text, directory);
        } catch (ConfigScalars.Misfit e) {
            problems.add(at(place, path, e.message(), e.hint()));
            return null;
        }
    }

    private Map<String, Node> mapping(@Nullable Node node, String path) {
        Map<String, Node> given = new LinkedHashMap<>();
        if (node == null || nothing(node)) {
            return given;
        }
        if (!(node instanceof MappingNode mapping)) {
            problems.add(at(node, path, "must be a mapping", ""));
            return given;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.add(at(tuple.getKeyNode(), path, "a key must be a name", ""));
            } else if (given.put(key.getValue(), tuple.getValueNode()) != null) {
                problems.add(at(key, path + "." + key.getValue(), "is given twice", ""));
            }
        }
        return given;
    }

    private void unknown(@Nullable Node node, String path, Set<String> known) {
        if (!(node instanceof MappingNode mapping)) {
            return;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode key && !known.contains(key.getValue())) {
                problems.add(
                        at(
                                key,
                                path + "." + key.getValue(),
                                "there is no such key",
                                KeyNames.didYouMean(key.getValue(), known)));
            }
        }
    }

    private static boolean nothing(Node node) {
        return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
    }

    static Class<?> raw(Type type) {
        if (type instanceof ParameterizedType parameterized) {
            return (Class<?>) parameterized.getRawType();
        }
        return (Class<?>) type;
    }

    static Type argument(Type type, int index) {
        return ((ParameterizedType) type).getActualTypeArguments()[index];
    }
}

package atlas.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Strict configuration: one YAML file, one section per process, one record per section. Keys are
 * the record's component names in kebab case; what the file leaves out comes from the record's
 * static {@code defaults()}. Unknown keys, wrong types and wrong units are refused, all of them at
 * once, each with its place and what was probably meant.
 *
 * <p>A scalar can be overridden by an environment variable: {@code gateway.listen.port} by {@code
 * ATLAS_GATEWAY_LISTEN_PORT}. Secrets are given by reference only, {@code file:} or {@code env:}.
 * Records must be public; thread-safe; reads files, never writes.
 */
public final class Config {
    private Config() {}

    /** Reads a section into its record; an absent section is all defaults. */
    public static <T extends Record> T load(
            Path file, String section, Class<T> type, Map<String, String> env)
            throws ConfigException {
        List<ConfigProblem> problems = new ArrayList<>();
        Optional<Map<String, Entry>> root = sections(file, problems);
        if (root.isPresent()) {
            ConfigBinding binding = new ConfigBinding(file, env, problems);
            Entry entry = root.get().get(section);
            Object bound = binding.section(section, entry == null ? null : entry.value(), type);
            if (problems.isEmpty()) {
                return type.cast(Objects.requireNonNull(bound));
            }
        }
        throw new ConfigException(file.toString(), problems);
    }

    /** The JSON schema (2020-12) of a file with these sections. */
    public static String schema(Map<String, Class<? extends Record>> sections) {
        return ConfigSchema.of(new TreeMap<>(sections));
    }

    /** The resolved configuration as YAML; secrets appear as their references. */
    public static String print(
            Path file, Map<String, Class<? extends Record>> sections, Map<String, String> env)
            throws ConfigException {
        List<ConfigProblem> problems = new ArrayList<>();
        ConfigBinding binding = new ConfigBinding(file, env, problems);
        Map<String, Object> bound = bind(file, sections, binding, problems);
        if (!problems.isEmpty()) {
            throw new ConfigException(file.toString(), problems);
        }
        return ConfigText.of(bound, binding::reference);
    }

    /** Every problem in the file, in its order; empty when it is accepted. */
    public static List<ConfigProblem> check(
            Path file, Map<String, Class<? extends Record>> sections, Map<String, String> env) {
        List<ConfigProblem> problems = new ArrayList<>();
        bind(file, sections, new ConfigBinding(file, env, problems), problems);
        return List.copyOf(problems);
    }

    private static Map<String, Object> bind(
            Path file,
            Map<String, Class<? extends Record>> sections,
            ConfigBinding binding,
            List<ConfigProblem> problems) {
        Map<String, Object> bound = new LinkedHashMap<>();
        Optional<Map<String, Entry>> root = sections(file, problems);
        if (root.isEmpty()) {
            return bound;
        }
        for (Map.Entry<String, Entry> entry : root.get().entrySet()) {
            if (!sections.containsKey(entry.getKey())) {
                problems.add(
                        ConfigBinding.at(
                                entry.getValue().key(),
                                entry.getKey(),
                                "there is no such section",
                                KeyNames.didYouMean(entry.getKey(), sections.keySet())));
            }
        }
        sections.forEach((name, type) -> {
            Entry entry = root.get().get(name);
            Object record = binding.section(name, entry == null ? null : entry.value(), type);
            if (record != null) {
                bound.put(name, record);
            }
        });
        return bound;
    }

    private record Entry(Node key, Node value) {}

    private static Optional<Map<String, Entry>> sections(Path file, List<ConfigProblem> problems) {
        Node root;
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            LoadSettings settings =
                    LoadSettings.builder()
                            .setLabel(file.toString())
                            .setAllowDuplicateKeys(false)
                            .setMaxAliasesForCollections(0)
                            .setUseMarks(true)
                            .build();
            root = new Compose(settings).composeString(text).orElse(null);
        } catch (IOException e) {
            problems.add(new ConfigProblem(0, 0, file.toString(), "cannot be read", ""));
            return Optional.empty();
        } catch (MarkedYamlEngineException e) {
            problems.add(marked(e));
            return Optional.empty();
        } catch (YamlEngineException e) {
            problems.add(new ConfigProblem(0, 0, file.toString(), "is not YAML", ""));
            return Optional.empty();
        }
        return entries(root, problems);
    }

    private static Optional<Map<String, Entry>> entries(
            @Nullable Node root, List<ConfigProblem> problems) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        if (root == null) {
            return Optional.of(entries);
        }
        if (!(root instanceof MappingNode mapping)) {
            problems.add(ConfigBinding.at(root, "", "must be sections, each a mapping", ""));
            return Optional.empty();
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode key) {
                Entry before = entries.put(key.getValue(), new Entry(key, tuple.getValueNode()));
                if (before != null) {
                    problems.add(ConfigBinding.at(key, key.getValue(), "is given twice", ""));
                }
            } else {
                problems.add(ConfigBinding.at(tuple.getKeyNode(), "", "must be a name", ""));
            }
        }
        return Optional.of(entries);
    }

    private static ConfigProblem marked(MarkedYamlEngineException e) {
        String what = e.getProblem() == null ? "is not YAML" : e.getProblem();
        return e.getProblemMark()
                .map(mark ->
                        new ConfigProblem(mark.getLine() + 1, mark.getColumn() + 1, "", what, ""))
                .orElseGet(() -> new ConfigProblem(0, 0, "", what, ""));
    }
}

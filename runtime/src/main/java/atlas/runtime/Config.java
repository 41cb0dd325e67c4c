package atlas.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Strict configuration: one YAML file, one record per section. */
public final class Config {
    private Config() {}

    /** Reads a section into its record. */
    public static <T extends Record> T load(
            Path file, String section, Class<T> type, Map<String, String> env)
            throws ConfigException {
        throw new ConfigException(file.toString(), List.of());
    }

    /** The JSON schema of the whole file. */
    public static String schema(Map<String, Class<? extends Record>> sections) {
        throw new UnsupportedOperationException();
    }

    /** The resolved configuration as YAML, secrets shown by reference only. */
    public static String print(
            Path file, Map<String, Class<? extends Record>> sections, Map<String, String> env)
            throws ConfigException {
        throw new ConfigException(file.toString(), List.of());
    }

    /** Every problem in the file; empty when it is accepted. */
    public static List<ConfigProblem> check(
            Path file, Map<String, Class<? extends Record>> sections, Map<String, String> env) {
        throw new UnsupportedOperationException();
    }
}

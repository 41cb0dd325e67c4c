package atlas.runtime;

import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The JSON schema of a configuration, read off its records. */
final class ConfigSchema {
    private ConfigSchema() {}

    static String of(Map<String, Class<? extends Record>> sections) {
        byte[] json =
                Json.bytes(out -> {
                    out.useDefaultPrettyPrinter();
                    out.writeStartObject();
                    out.writeStringField("$schema", "https://json-schema.org/draft/2020-12/schema");
                    out.writeStringField("title", "atlas.yaml");
                    out.writeStringField("type", "object");
                    out.writeBooleanField("additionalProperties", false);
                    out.writeObjectFieldStart("properties");
                    for (var section : sections.entrySet()) {
                        out.writeObjectFieldStart(section.getKey());
                        record(section.getValue(), out);
                        out.writeEndObject();
                    }
                    out.writeEndObject();
                    out.writeEndObject();
                });
        return new String(json, StandardCharsets.UTF_8) + "\n";
    }

    private static void record(Class<?> type, JsonGenerator out) throws IOException {
        out.writeStringField("type", "object");
        out.writeBooleanField("additionalProperties", false);
        out.writeObjectFieldStart("properties");
        for (RecordComponent component : type.getRecordComponents()) {
            String key = KeyNames.kebab(component.getName());
            out.writeObjectFieldStart(key);
            value(component.getGenericType(), key, out);
            out.writeEndObject();
        }
        out.writeEndObject();
        if (!hasDefaults(type)) {
            out.writeArrayFieldStart("required");
            for (RecordComponent component : type.getRecordComponents()) {
                if (required(component.getType())) {
                    out.writeString(KeyNames.kebab(component.getName()));
                }
            }
            out.writeEndArray();
        }
    }

    private static boolean hasDefaults(Class<?> type) {
        try {
            return type.getMethod("defaults") != null;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    private static boolean required(Class<?> type) {
        return type != Optional.class
                && type != List.class
                && type != Set.class
                && type != Map.class
                && !(type.isRecord() && hasDefaults(type));
    }

    private static void value(Type type, String key, JsonGenerator out) throws IOException {
        Class<?> raw = ConfigBinding.raw(type);
        if (raw == Optional.class) {
            value(ConfigBinding.argument(type, 0), key, out);
        } else if (raw == Sensitive.class) {
            out.writeStringField("type", "string");
            out.writeStringField("pattern", "^(file|env):.+$");
        } else if (raw == List.class || raw == Set.class) {
            out.writeStringField("type", "array");
            out.writeObjectFieldStart("items");
            value(ConfigBinding.argument(type, 0), key, out);
            out.writeEndObject();
        } else if (raw == Map.class) {
            out.writeStringField("type", "object");
            out.writeObjectFieldStart("additionalProperties");
            value(ConfigBinding.argument(type, 1), key, out);
            out.writeEndObject();
        } else if (ConfigScalars.known(raw)) {
            scalar(raw, key, out);
        } else {
            record(raw, out);
        }
    }

    private static void scalar(Class<?> type, String key, JsonGenerator out) throws IOException {
        if (ConfigScalars.size(type, key)) {
            out.writeArrayFieldStart("type");
            out.writeString("integer");
            out.writeString("string");
            out.writeEndArray();
            out.writeStringField("pattern", "^[0-9]+(B|KiB|MiB|GiB)?$");
        } else if (type == int.class
                || type == Integer.class
                || type == long.class
                || type == Long.class) {
            out.writeStringField("type", "integer");
        } else if (type == double.class || type == Double.class) {
            out.writeStringField("type", "number");
        } else if (type == boolean.class || type == Boolean.class) {
            out.writeStringField("type", "boolean");
        } else {
            out.writeStringField("type", "string");
            if (type == Duration.class) {
                out.writeStringField("pattern", "^[0-9]+(ms|s|m|h|d)$");
            } else if (type.isEnum()) {
                out.writeArrayFieldStart("enum");
                for (Object constant : type.getEnumConstants()) {
                    out.writeString(KeyNames.constant((Enum<?>) constant));
                }
                out.writeEndArray();
            } else if (type == Role.class) {
                out.writeStringField("pattern", "^[a-z0-9][a-z0-9_-]{0,63}$");
                out.writeArrayFieldStart("examples");
                for (Role role : Role.builtIn()) {
                    out.writeString(role.wireName().replace('_', '-'));
                }
                out.writeEndArray();
            }
        }
    }
}

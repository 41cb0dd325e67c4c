package atlas.control.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The OpenAPI description of the route table: generated, never written by hand. */
final class OpenApi {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final Pattern VARIABLE = Pattern.compile("\\{([a-z]+)(?:\\.\\.\\.)?}");

    private OpenApi() {}

    static byte[] json(List<Route> routes) {
        Map<String, Map<String, Object>> paths = new TreeMap<>();
        for (Route route : routes) {
            paths.computeIfAbsent(route.pattern().replace("...}", "}"), _ -> new LinkedHashMap<>())
                    .put(route.method().toLowerCase(java.util.Locale.ROOT), operation(route));
        }
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("openapi", "3.1.0");
        root.put("info", new TreeMap<>(Map.of("title", "Atlas control plane", "version", "1")));
        root.put("security", List.of(Map.of("bearer", List.of()), Map.of("key", List.of())));
        root.put("paths", paths);
        root.put("components", components());
        try {
            return (MAPPER.writeValueAsString(root) + "\n")
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the description is made of maps and texts", e);
        }
    }

    private static Map<String, Object> operation(Route route) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("summary", route.summary());
        operation.put("x-atlas-action", route.action().wireName());
        List<Object> parameters = new ArrayList<>();
        Matcher variables = VARIABLE.matcher(route.pattern());
        while (variables.find()) {
            parameters.add(parameter(variables.group(1), "path", true, "", "string"));
        }
        for (Field field : route.query()) {
            parameters.add(
                    parameter(
                            field.name(),
                            "query",
                            field.required(),
                            field.description(),
                            field.type().schemaName()));
        }
        if (!parameters.isEmpty()) {
            operation.put("parameters", parameters);
        }
        if (route.takesBytes()) {
            operation.put(
                    "requestBody", Map.of("content", Map.of("application/octet-stream", Map.of())));
        } else if (!route.body().isEmpty()) {
            operation.put("requestBody", body(route.body()));
        }
        Map<String, Object> responses = new LinkedHashMap<>();
        responses.put("2XX", Map.of("description", "done"));
        responses.put("default", Map.of("$ref", "#/components/responses/problem"));
        operation.put("responses", responses);
        return operation;
    }

    private static Map<String, Object> parameter(
            String name, String in, boolean required, String description, String type) {
        Map<String, Object> parameter = new LinkedHashMap<>();
        parameter.put("name", name);
        parameter.put("in", in);
        parameter.put("required", required);
        if (!description.isEmpty()) {
            parameter.put("description", description);
        }
        parameter.put("schema", schema(type));
        return parameter;
    }

    private static Map<String, Object> body(List<Field> fields) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (Field field : fields) {
            Map<String, Object> property = new LinkedHashMap<>(schema(field.type().schemaName()));
            property.put("description", field.description());
            properties.put(field.name(), property);
            if (field.required()) {
                required.add(field.name());
            }
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("additionalProperties", false);
        schema.put("properties", properties);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("required", !required.isEmpty());
        body.put("content", Map.of("application/json", Map.of("schema", schema)));
        return body;
    }

    private static Map<String, Object> schema(String type) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", type);
        if (type.equals("array")) {
            schema.put("items", Map.of("type", "string"));
        }
        return schema;
    }

    private static Map<String, Object> components() {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "object");
        Map<String, Object> fields = new LinkedHashMap<>();
        for (String name : List.of("type", "title", "detail", "instance")) {
            fields.put(name, schema("string"));
        }
        fields.put("status", schema("integer"));
        problem.put("properties", fields);
        Map<String, Object> schemes = new LinkedHashMap<>();
        schemes.put("bearer", new TreeMap<>(Map.of("type", "http", "scheme", "bearer")));
        schemes.put(
                "key",
                new TreeMap<>(Map.of("type", "apiKey", "in", "header", "name", "x-api-key")));
        Map<String, Object> response = new LinkedHashMap<>();
        response.put("description", "a problem (RFC 9457)");
        response.put("content", Map.of("application/problem+json", Map.of("schema", problem)));
        Map<String, Object> components = new LinkedHashMap<>();
        components.put("securitySchemes", schemes);
        components.put("responses", Map.of("problem", response));
        return components;
    }
}

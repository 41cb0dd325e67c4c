package atlas.segmentation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.segmentation.Policies;
import atlas.segmentation.RandomPolicyTexts;
import atlas.segmentation.Target;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is compiled is what an API server would take: known fields, of their types, in their limits.
 */
class ManifestSchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NFTABLES")
    void everyObjectIsValid(Target target) throws Exception {
        List<String> policies =
                new ArrayList<>(
                        List.of(
                                Policies.text("policies/full.yaml"),
                                Policies.text("policies/published.yaml")));
        policies.addAll(RandomPolicyTexts.some(5));
        for (String policy : policies) {
            String text = target.compile(Policies.graph(policy)).text();
            for (Map<String, Object> document : Manifests.read(text)) {
                assertThat(problems(document)).as(text).isEmpty();
            }
        }
    }

    @Test
    void whatIsNotValidIsFound() throws Exception {
        String valid =
                Target.KUBERNETES
                        .compile(Policies.graph(Policies.text("policies/full.yaml")))
                        .text();
        for (String[] change :
                new String[][] {
                    {"podSelector", "podSelectors"},
                    {"protocol: TCP", "protocol: tcp"},
                    {"port: 443", "port: \"443\""}
                }) {
            List<String> problems = new ArrayList<>();
            for (Map<String, Object> document :
                    Manifests.read(valid.replace(change[0], change[1]))) {
                problems.addAll(problems(document));
            }
            assertThat(problems).as(change[1]).isNotEmpty();
        }
    }

    private static List<String> problems(Map<String, Object> document) throws Exception {
        String kind = String.valueOf(document.get("kind"));
        JsonNode schema = JSON.readTree(Policies.text("schemas/" + kind + ".json"));
        List<String> problems = new ArrayList<>();
        JsonNode whole = JSON.valueToTree(document);
        String name = whole.at("/metadata/name").asText();
        if (!name.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
            problems.add("not a name: " + name);
        }
        check(schema, whole.path("spec"), kind, problems);
        return problems;
    }

    private static void check(JsonNode schema, JsonNode value, String path, List<String> problems) {
        String type = schema.path("type").asText();
        boolean fits =
                switch (type) {
                    case "object" -> value.isObject();
                    case "array" -> value.isArray();
                    case "string" -> value.isTextual();
                    case "integer" -> value.isInt();
                    case "boolean" -> value.isBoolean();
                    default -> true;
                };
        if (!fits) {
            problems.add(path + " is no " + type);
            return;
        }
        value.properties()
                .forEach(field -> {
                    JsonNode of = schema.path("properties").path(field.getKey());
                    JsonNode other = schema.path("additionalProperties");
                    if (of.isMissingNode() && other.isMissingNode()) {
                        problems.add(path + " has no field " + field.getKey());
                    } else {
                        check(
                                of.isMissingNode() ? other : of,
                                field.getValue(),
                                path + "." + field.getKey(),
                                problems);
                    }
                });
        for (JsonNode required : schema.path("required")) {
            if (!value.has(required.asText())) {
                problems.add(path + " lacks " + required.asText());
            }
        }
        if (value.isArray()) {
            value.forEach(item -> check(schema.path("items"), item, path + "[]", problems));
            if (value.size() > schema.path("maxItems").asInt(Integer.MAX_VALUE)) {
                problems.add(path + " has too many items");
            }
        }
        text(schema, value, path, problems);
    }

    private static void text(JsonNode schema, JsonNode value, String path, List<String> problems) {
        if (!value.isTextual()) {
            return;
        }
        List<String> allowed = new ArrayList<>();
        schema.path("enum").forEach(one -> allowed.add(one.asText()));
        String text = value.asText();
        if ((!allowed.isEmpty() && !allowed.contains(text))
                || text.length() > schema.path("maxLength").asInt(Integer.MAX_VALUE)
                || (schema.has("pattern")
                        && !java.util.regex.Pattern.compile(schema.path("pattern").asText())
                                .matcher(text)
                                .find())) {
            problems.add(path + " is not " + text);
        }
    }
}

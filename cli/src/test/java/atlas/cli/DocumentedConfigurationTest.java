package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Configuration in the documentation is accepted, and the reference knows every key there is. */
class DocumentedConfigurationTest {
    private static final Path DOCS = Path.of("..", "docs");
    private static final Pattern BLOCK =
            Pattern.compile("^ *```yaml\\n(.*?)^ *```$", Pattern.MULTILINE | Pattern.DOTALL);

    @TempDir Path temp;

    @TestFactory
    Stream<DynamicTest> documentedConfigurationIsAccepted() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> pages = Files.walk(DOCS)) {
            for (Path page : pages.filter(p -> p.toString().endsWith(".md")).sorted().toList()) {
                Matcher block = BLOCK.matcher(Files.readString(page));
                while (block.find()) {
                    String yaml = block.group(1).stripIndent();
                    String first = yaml.lines().findFirst().orElse("").replace(":", "");
                    if (Settings.sections().containsKey(first)) {
                        tests.add(
                                DynamicTest.dynamicTest(
                                        DOCS.relativize(page) + " at " + block.start(),
                                        () -> accepted(yaml)));
                    }
                }
            }
        }
        assertThat(tests).hasSizeGreaterThan(10);
        return tests.stream();
    }

    private void accepted(String yaml) throws IOException {
        Path file = Files.writeString(temp.resolve("atlas.yaml"), yaml);
        // The files it names are the reader's own.
        assertThat(new Settings(Optional.of(file)).problems())
                .as(yaml)
                .filteredOn(problem -> !problem.message().startsWith("there is no file `"))
                .filteredOn(problem -> !problem.message().endsWith("` cannot be read"))
                .isEmpty();
    }

    @Test
    void theReferenceKnowsEveryKey() throws IOException {
        String page = Files.readString(DOCS.resolve("reference").resolve("configuration.md"));
        List<String> missing = new ArrayList<>();
        JsonNode sections = Remote.JSON.readTree(Shell.run("config", "schema").out());
        sections.path("properties")
                .properties()
                .forEach(section -> {
                    String part = part(page, section.getKey());
                    if (part.isEmpty()) {
                        missing.add(section.getKey());
                    }
                    keys(section.getValue(), section.getKey(), part, page, missing);
                });
        assertThat(missing).isEmpty();
    }

    /** What stands under the section's own heading. */
    private static String part(String page, String section) {
        int from = page.indexOf("\n## `" + section + "`\n");
        int to = from < 0 ? 0 : page.indexOf("\n## ", from + 1);
        return from < 0 ? "" : page.substring(from, to < 0 ? page.length() : to);
    }

    private static void keys(
            JsonNode schema, String path, String part, String page, List<String> missing) {
        JsonNode record = schema.has("items") ? schema.path("items") : schema;
        record.path("properties")
                .properties()
                .forEach(key -> {
                    // Limits are the same for every process and explained once.
                    String where = path.endsWith(".limits") ? page : part;
                    String word = "(?<![\\w-])" + Pattern.quote(key.getKey()) + "(?![\\w-])";
                    if (!Pattern.compile(word).matcher(where).find()) {
                        missing.add(path + "." + key.getKey());
                    }
                    keys(key.getValue(), path + "." + key.getKey(), part, page, missing);
                });
    }
}

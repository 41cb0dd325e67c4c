package atlas.policy.cedar;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.policy.PolicyProblem;
import atlas.policy.cedar.PolicyFile.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What people read about policies holds, and the schema they read is the one in use. */
class WrittenPoliciesTest {
    private static final Path ROOT = Path.of("..");
    private static final Path GUIDE = ROOT.resolve("docs/how-to/write-policies.md");
    private static final Path SCHEMA = ROOT.resolve("docs/reference/policy-schema.md");
    private static final String BEGIN = "```cedarschema\n";
    private static final String END = "```\n";

    @TestFactory
    Stream<DynamicTest> everyPolicyThatIsShownHolds() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> files = Files.list(ROOT.resolve("examples/policies"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".cedar")).toList()) {
                tests.add(holds(file.getFileName().toString(), Files.readString(file)));
            }
        }
        List<String> blocks = blocks(Files.readString(GUIDE));
        for (int i = 0; i < blocks.size(); i++) {
            tests.add(holds("guide " + i, blocks.get(i)));
        }
        assertThat(tests).hasSizeGreaterThan(6);
        return tests.stream();
    }

    private static DynamicTest holds(String name, String text) {
        return DynamicTest.dynamicTest(
                name,
                () -> {
                    switch (PolicyFile.read(text)) {
                        case Outcome.Accepted(var rulebook) ->
                                assertThat(rulebook.entries()).isNotEmpty();
                        case Outcome.Refused(List<PolicyProblem> problems) ->
                                throw new AssertionError(problems.toString());
                    }
                });
    }

    private static List<String> blocks(String page) {
        List<String> blocks = new ArrayList<>();
        String fence = "```cedar\n";
        for (int at = page.indexOf(fence); at >= 0; at = page.indexOf(fence, at + 1)) {
            blocks.add(page.substring(at + fence.length(), page.indexOf(END, at + 1)));
        }
        return blocks;
    }

    @Test
    void theReferenceShowsTheSchemaInUse() throws IOException {
        String page = Files.readString(SCHEMA);
        int from = page.indexOf(BEGIN) + BEGIN.length();
        int to = page.indexOf(END, from);
        if ("write".equals(System.getProperty("atlas.golden"))) {
            page = page.substring(0, from) + PolicySchema.text() + page.substring(to);
            Files.writeString(SCHEMA, page);
            to = page.indexOf(END, from);
        }
        assertThat(page.substring(from, to)).isEqualTo(PolicySchema.text());
    }
}

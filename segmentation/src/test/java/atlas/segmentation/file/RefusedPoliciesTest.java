package atlas.segmentation.file;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.segmentation.Policies;
import atlas.segmentation.file.PolicyFile.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * One file per mistake; its name is the mistake, its first line the first problem, a line later.
 */
class RefusedPoliciesTest {
    @TestFactory
    Stream<DynamicTest> everyMistakeIsNamedWithItsPlace() throws IOException {
        try (Stream<Path> files = Files.list(Policies.file("refused"))) {
            List<Path> all = files.sorted().toList();
            assertThat(all).isNotEmpty();
            return all.stream()
                    .map(file ->
                            DynamicTest.dynamicTest(
                                    file.getFileName().toString(), () -> refused(file)));
        }
    }

    private static void refused(Path file) throws IOException {
        String text = Files.readString(file);
        int end = text.indexOf('\n');
        Outcome outcome = PolicyFile.read(text.substring(end + 1));
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        List<PolicyProblem> problems = ((Outcome.Refused) outcome).problems();
        assertThat(problems.getFirst().toString()).startsWith(text.substring(2, end));
    }
}

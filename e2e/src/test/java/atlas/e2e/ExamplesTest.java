package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example runs as its reader would run it. */
class ExamplesTest {
    @TempDir Path temp;

    @Test
    void everyExampleRuns() throws Exception {
        Peers.need("curl");
        Peers.need("npm");
        List<Path> examples;
        try (Stream<Path> folders = Files.list(Running.root().resolve("examples"))) {
            examples = folders.filter(Files::isDirectory).sorted().toList();
        }
        assertThat(examples).isNotEmpty();
        try (Running atlas = Running.up(temp.resolve("home"))) {
            for (Path example : examples) {
                Running.Said said =
                        Running.run(
                                List.of(example.resolve("run").toString()),
                                Map.of("ATLAS_HOME", atlas.home().toString()));
                assertThat(said.status()).as(example + ": " + said.out() + said.err()).isZero();
                assertThat(said.out()).as(example.toString()).isNotBlank();
            }
        }
    }
}

package atlas.segmentation;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.segmentation.file.PolicyFile;
import atlas.segmentation.file.PolicyFile.Outcome;
import atlas.segmentation.graph.AccessGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Policies the tests read. */
public final class Policies {
    private static final Path PLACE = Path.of("src/test/resources/segmentation");

    private Policies() {}

    public static Path file(String name) {
        return PLACE.resolve(name);
    }

    public static String text(String name) throws IOException {
        return Files.readString(file(name));
    }

    /** The graph of a policy that is accepted. */
    public static AccessGraph graph(String text) {
        Outcome outcome = PolicyFile.read(text);
        assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
        return ((Outcome.Accepted) outcome).graph();
    }

    /** What stands in the golden file of that name; {@code -Datlas.golden=write} writes it anew. */
    public static void golden(String name, String found) throws IOException {
        Path file = file(name);
        if ("write".equals(System.getProperty("atlas.golden"))) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, found);
        }
        assertThat(found).isEqualTo(Files.readString(file));
    }
}

package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start finds its classes parsed and linked, and still computes with vectors. */
class StartUpTest {
    @TempDir Path temp;

    @Test
    void aStartUsesTheCacheOfLinkedClasses() throws Exception {
        Running.Said said =
                Running.run(
                        List.of(Running.root().resolve("atlas").toString(), "--version"),
                        // With `on` a cache that does not fit ends the VM instead of being skipped.
                        Map.of("ATLAS_JAVA_OPTS", "-XX:AOTMode=on -Xlog:aot=info:stdout"));

        assertThat(said.status()).as(said.out() + said.err()).isZero();
        assertThat(said.out()).contains("Using AOT-linked classes: true");
    }

    @Test
    void theEngineFindsItsVectorInstructionsWithoutAskingForThemAtTheStart() throws Exception {
        Path home = temp.resolve("home");
        try (Running atlas = Running.up(home)) {
            assertThat(atlas.chat(atlas.key("consumer"), "hello").statusCode()).isEqualTo(200);
        }
        assertThat(Files.readString(temp.resolve("home.log")))
                .contains("model loaded")
                .doesNotContain("no vector instructions");
    }
}

package atlas.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DumpsTest {
    @Test
    void afterThisThereIsNoCoreDump() throws IOException {
        Path limits = Path.of("/proc/self/limits");
        assumeTrue(Files.exists(limits), "not Linux");
        assertThat(Dumps.refuse()).isTrue();
        assertThat(Dumps.possible()).isFalse();
        assertThat(Files.readString(limits)).containsPattern("Max core file size +0 +0 +bytes");
    }
}

package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short slice of the crash campaign with real processes. */
class ProcessCrashTest {
    @TempDir(factory = FastScratch.class)
    Path scratch;

    @Test
    void killedProcessesLoseNothingTheyAcknowledged() throws Exception {
        ProcessCrashes crashes = new ProcessCrashes(scratch, 6);
        crashes.kill(new SecureRandom().nextLong(), 2);
        assertThat(crashes.crashed()).isEqualTo(12);
    }

    @Test
    void aFailedSyncIsFatalAndCostsNothingAcknowledged() throws Exception {
        boolean strace =
                Arrays.stream(String.valueOf(System.getenv("PATH")).split(":"))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "strace")));
        if (!strace && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("strace is needed to make system calls fail");
        }
        assumeTrue(strace, "strace is not here");
        ProcessCrashes crashes = new ProcessCrashes(scratch, 6);
        crashes.fail("fdatasync", "EIO", 12, 11);
        assertThat(crashes.failures()).isPositive();
        assertThat(crashes.crashed()).isEqualTo(6);
    }
}

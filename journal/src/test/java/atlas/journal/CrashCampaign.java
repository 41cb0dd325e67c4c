package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole campaign; {@code journal/crash-campaign} runs it, no build does. */
class CrashCampaign {
    private static final Path REPORT = Path.of("target/crash-campaign.txt");
    private static final long SEED =
            Long.getLong("atlas.crash.seed", new SecureRandom().nextLong());

    private static final List<String> CALLS =
            List.of("pwrite64", "fdatasync", "fsync", "rename", "openat", "unlink", "mkdir");

    @TempDir(factory = FastScratch.class)
    Path memory;

    @TempDir Path disk;

    private static int wanted(String what, int usually) {
        return Integer.getInteger("atlas.crash." + what, usually);
    }

    private static void report(String line) throws IOException {
        Files.createDirectories(REPORT.getParent());
        Files.writeString(
                REPORT,
                "seed " + SEED + ": " + line + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    @Test
    void powerIsCut() throws Exception {
        Random seeds = new Random(SEED);
        int runs = wanted("rounds", 12_000) / 100;
        for (JournalConfig.Mode mode : JournalConfig.Mode.values()) {
            CrashRounds rounds = new CrashRounds(memory, mode);
            int share = mode == JournalConfig.Mode.ALWAYS ? runs - runs / 4 : runs / 4;
            for (int run = 0; run < share; run++) {
                rounds.run(seeds.nextLong(), 100);
            }
            report(rounds.summary());
        }
    }

    @Test
    void processesAreKilled() throws Exception {
        Random seeds = new Random(SEED);
        ProcessCrashes crashes = new ProcessCrashes(memory, 32);
        while (crashes.crashed() < wanted("kills", 10_000)) {
            crashes.kill(seeds.nextLong(), 3);
        }
        report(crashes.summary());
    }

    @Test
    void systemCallsFail() throws Exception {
        Random random = new Random(SEED);
        ProcessCrashes crashes = new ProcessCrashes(disk, 12);
        while (crashes.failures() < wanted("errnos", 500)) {
            for (String call : CALLS) {
                List<String> errors =
                        call.equals("pwrite64") || call.equals("fdatasync")
                                ? List.of("EIO", "ENOSPC", "EINTR")
                                : List.of("EIO", "ENOSPC");
                for (String error : errors) {
                    crashes.fail(call, error, first(call, random), 5 + random.nextInt(60));
                }
            }
        }
        assertThat(crashes.failures()).isPositive();
        report(crashes.summary());
    }

    /** The virtual machine opens files of its own before the journals do. */
    private static int first(String call, Random random) {
        return call.equals("openat") ? 600 + random.nextInt(300) : 1 + random.nextInt(40);
    }
}

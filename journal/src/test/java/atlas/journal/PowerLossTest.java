package atlas.journal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.journal.Trace.Kind;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A short slice of the crash campaign, with seeds that are new each time and named on failure. */
class PowerLossTest {
    @TempDir(factory = FastScratch.class)
    Path scratch;

    private void crash(JournalConfig.Mode mode, Set<Kind> ignored, int runs, int each)
            throws Exception {
        CrashRounds rounds = new CrashRounds(scratch, mode, ignored);
        for (int run = 0; run < runs; run++) {
            rounds.run(new SecureRandom().nextLong(), each);
        }
    }

    @Test
    void aCrashAtAnyInstantLosesNothingAcknowledged() throws Exception {
        crash(JournalConfig.Mode.ALWAYS, Set.of(), 1, 60);
    }

    @Test
    void inIntervalModeAPowerCutTakesNothingThatWasForced() throws Exception {
        crash(JournalConfig.Mode.INTERVAL, Set.of(), 1, 30);
    }

    /** The slice can fail: a disk that does not do one of these is found out. */
    @ParameterizedTest
    @EnumSource(names = {"FORCE", "SYNC_DIRECTORY"})
    void aDiskThatIgnoresSyncsIsFoundOut(Kind ignored) {
        assertThatThrownBy(() -> crash(JournalConfig.Mode.ALWAYS, Set.of(ignored), 20, 50))
                .isInstanceOf(AssertionError.class);
    }
}

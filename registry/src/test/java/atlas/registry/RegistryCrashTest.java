package atlas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.ModelRef;
import atlas.registry.ModelVersion.State;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryCrashTest {
    @TempDir Path dir;
    private RegistryHome home;

    /** The process is gone: nothing may tidy up behind it. */
    private static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Crashes after the n-th occurrence of a step. */
    private static Faults crashAfter(String step, int occurrence) {
        int[] left = {occurrence};
        return reached -> {
            if (reached.equals(step) && --left[0] == 0) {
                throw new Crash();
            }
        };
    }

    @BeforeEach
    void openTheHome() {
        home = new RegistryHome(dir);
    }

    @AfterEach
    void closeTheHome() {
        home.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"objects", "record", "journal"})
    void keepsNothingOfAPushThatDidNotReachTheIndex(String step) throws IOException {
        ModelVersion first = home.push("toy", 1000);
        int objects = home.stored("objects").size();
        home.reopen(crashAfter(step, 1));

        assertThatThrownBy(() -> home.push("toy", 2000)).isInstanceOf(Crash.class);
        assertThat(home.stored("objects")).hasSizeGreaterThan(objects);
        home.reopen();

        assertThat(home.registry.list()).containsExactly(first);
        assertThat(home.stored("objects")).hasSize(objects);
        assertThat(home.stored("records")).hasSize(1);
        assertThat(home.stored("parts")).isEmpty();
        // A version number that may be in the journal is never given out again.
        assertThat(home.push("toy", 2000).ref().version()).isEqualTo(3);
    }

    @Test
    void keepsAPushThatReachedTheIndex() throws IOException {
        home.reopen(crashAfter("index", 2));

        assertThatThrownBy(() -> home.push("toy", 2000)).isInstanceOf(Crash.class);
        home.reopen();

        assertThat(home.registry.find(new ModelRef("toy", 1))).isPresent();
    }

    @Test
    void deploysWhollyOrNotAtAll() throws IOException {
        ModelRef first = home.deploy("toy", 1000).ref();
        ModelRef second = home.push("toy", 2000).ref();
        home.registry.approve(second, RegistryHome.APPROVER);

        home.reopen(crashAfter("journal", 1));
        assertThatThrownBy(() -> home.registry.deploy(second, RegistryHome.OPERATOR))
                .isInstanceOf(Crash.class);
        home.reopen();
        assertThat(home.registry.deployed("toy").orElseThrow().ref()).isEqualTo(first);

        home.reopen(crashAfter("index", 1));
        assertThatThrownBy(() -> home.registry.deploy(second, RegistryHome.OPERATOR))
                .isInstanceOf(Crash.class);
        home.reopen();
        assertThat(home.registry.deployed("toy").orElseThrow().ref()).isEqualTo(second);
        assertThat(home.registry.find(first).orElseThrow().state()).isEqualTo(State.APPROVED);
    }
}

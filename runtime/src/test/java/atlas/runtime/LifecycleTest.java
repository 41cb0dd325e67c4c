package atlas.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LifecycleTest {
    private final List<String> closed = new ArrayList<>();

    @Test
    void closesInReverseAndGoesOnAfterAFailure() {
        Lifecycle lifecycle = new Lifecycle();
        lifecycle.own(() -> closed.add("first"));
        lifecycle.own(() -> {
            throw new IllegalArgumentException("second");
        });
        lifecycle.own(() -> closed.add("third"));
        assertThatThrownBy(lifecycle::close).hasRootCauseMessage("second");
        assertThat(closed).containsExactly("third", "first");
    }

    @Test
    void closesAPartThatComesTooLate() {
        Lifecycle lifecycle = new Lifecycle();
        lifecycle.close();
        assertThatThrownBy(() -> lifecycle.own(() -> closed.add("late")))
                .isInstanceOf(IllegalStateException.class);
        assertThat(closed).containsExactly("late");
    }
}

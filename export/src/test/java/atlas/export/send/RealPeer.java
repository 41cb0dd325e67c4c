package atlas.export.send;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Programs that tests need; a missing one skips them by name, and in CI fails them. */
final class RealPeer {
    private RealPeer() {}

    static void need(boolean there, String program) {
        String what = "this test needs " + program;
        if (!there && "true".equals(System.getenv("CI"))) {
            Assertions.fail(what);
        }
        Assumptions.assumeTrue(there, what);
    }
}

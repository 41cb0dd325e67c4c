package atlas.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Programs the tests need beside Atlas. Missing ones skip a test by name; in CI they fail it. */
final class Peers {
    private Peers() {}

    static void need(String program) {
        require(onPath(program), "this test needs `" + program + "` on the PATH");
    }

    static void needSdk(String name) {
        need("node");
        require(
                Files.isDirectory(Running.root().resolve("e2e/js/node_modules").resolve(name)),
                "this test needs the npm package `" + name + "`: run `npm ci` in e2e/js");
    }

    static void needKeycloak() {
        require(KeycloakHome.available(), KeycloakHome.obstacle().orElse(""));
    }

    private static void require(boolean there, String what) {
        if (!there && "true".equals(System.getenv("CI"))) {
            Assertions.fail(what);
        }
        Assumptions.assumeTrue(there, what);
    }

    private static boolean onPath(String program) {
        for (String dir : String.valueOf(System.getenv("PATH")).split(":")) {
            if (Files.isExecutable(Path.of(dir, program))) {
                return true;
            }
        }
        return false;
    }

    /** The example prompts of the guard's own committed test set that must be refused. */
    static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file);
    }
}

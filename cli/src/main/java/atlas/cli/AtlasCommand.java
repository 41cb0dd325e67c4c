package atlas.cli;

import java.io.Console;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that does something: it knows the shared options and its terminal. */
abstract class AtlasCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private final Shared given = new Shared();

    final CommandSpec spec() {
        return Objects.requireNonNull(spec, "picocli sets the spec");
    }

    final Shared shared() {
        return given.over(((Main) spec().root().userObject()).shared());
    }

    final Terminal terminal() {
        return Terminal.of(spec(), shared());
    }

    /**
     * Asks before something that cannot be undone; {@code --yes} answers, {@code --no-input}
     * refuses.
     */
    final void confirm(String what) {
        if (shared().yes()) {
            return;
        }
        Console console = System.console();
        if (console == null || !shared().mayAsk()) {
            throw Stop.usage("this needs --yes when nobody can be asked: " + what);
        }
        terminal().say(what + " Type `yes` to go on:");
        if (!"yes".equals(console.readLine())) {
            throw Stop.no("not done");
        }
    }
}

package atlas.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A noun whose verbs are its subcommands; alone it is a usage error. */
abstract class Group implements Runnable {
    @Spec private @Nullable CommandSpec spec;

    @Override
    public final void run() {
        CommandSpec here = Objects.requireNonNull(spec, "picocli sets the spec");
        throw new ParameterException(here.commandLine(), "missing verb");
    }
}

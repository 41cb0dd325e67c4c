package atlas.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options every command understands, before or after its name. */
final class Shared {
    /** How data is printed. */
    enum Output {
        TEXT,
        JSON
    }

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "where Atlas keeps its state (default: $ATLAS_HOME, else ./.atlas)")
    private @Nullable Path home;

    @Option(
            names = "--output",
            paramLabel = "text|json",
            description = "how data is printed (default: text)")
    private @Nullable Output output;

    @Option(names = "--no-input", description = "never ask; fail instead")
    private boolean noInput;

    @Option(names = "--yes", description = "answer yes to questions")
    private boolean yes;

    @Option(
            names = "--credential",
            paramLabel = "FILE",
            description =
                    "a file with the API key or token to use (default: $ATLAS_KEY, else the sign-in"
                            + " of `atlas login`, else the bootstrap key of the role the command"
                            + " needs)")
    private @Nullable Path credential;

    @Option(
            names = "--control",
            paramLabel = "URL",
            description = "the control plane (default: $ATLAS_CONTROL, else the one of this home)")
    private @Nullable String control;

    @Option(
            names = "--gateway",
            paramLabel = "URL",
            description = "the gateway (default: $ATLAS_GATEWAY, else the one of this home)")
    private @Nullable String gateway;

    @Option(
            names = "--server-ca",
            paramLabel = "FILE",
            description = "trusted certificates, PEM (default: tls/ca.pem of this home)")
    private @Nullable Path ca;

    /** These options where given, else those given before the command's name. */
    Shared over(Shared earlier) {
        Shared both = new Shared();
        both.home = home != null ? home : earlier.home;
        both.output = output != null ? output : earlier.output;
        both.noInput = noInput || earlier.noInput;
        both.yes = yes || earlier.yes;
        both.credential = credential != null ? credential : earlier.credential;
        both.control = control != null ? control : earlier.control;
        both.gateway = gateway != null ? gateway : earlier.gateway;
        both.ca = ca != null ? ca : earlier.ca;
        return both;
    }

    Path home() {
        if (home != null) {
            return home.toAbsolutePath().normalize();
        }
        String env = System.getenv("ATLAS_HOME");
        return Path.of(env == null || env.isEmpty() ? ".atlas" : env).toAbsolutePath().normalize();
    }

    boolean json() {
        return output == Output.JSON;
    }

    boolean mayAsk() {
        return !noInput && System.console() != null && System.console().isTerminal();
    }

    boolean yes() {
        return yes;
    }

    @Nullable Path credential() {
        return credential;
    }

    @Nullable String control() {
        return control != null ? control : System.getenv("ATLAS_CONTROL");
    }

    @Nullable String gateway() {
        return gateway != null ? gateway : System.getenv("ATLAS_GATEWAY");
    }

    Path ca() {
        return ca != null ? ca : home().resolve("tls").resolve("ca.pem");
    }
}

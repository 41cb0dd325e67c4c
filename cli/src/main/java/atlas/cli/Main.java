package atlas.cli;

import java.util.List;
import java.util.Set;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** The {@code atlas} command: {@code atlas <noun> <verb>}. Data on stdout, talk on stderr. */
@Command(
        name = "atlas",
        description = "Zero-trust infrastructure for production AI.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        exitCodeList = {
            "0:yes, or done",
            "1:no: denied, not verified, findings",
            "2:the command was not understood",
            "3:could not tell: unreachable, unreadable, corrupt"
        },
        exitCodeListHeading = "%nExit status:%n")
public final class Main extends Group {
    private static final List<Class<?>> COMMANDS =
            List.of(
                    UpCommand.class,
                    ServeCommands.class,
                    ChatCommand.class,
                    LoginCommand.class,
                    LogoutCommand.class,
                    WhoamiCommand.class,
                    KeyCommands.class,
                    TokenCommands.class,
                    ProxyCommand.class,
                    RoleCommands.class,
                    PolicyCommands.class,
                    ModelCommands.class,
                    JournalCommands.class,
                    ReceiptCommands.class,
                    NodeCommands.class,
                    VaultCommands.class,
                    BackupCommands.class,
                    AlertsCommands.class,
                    GuardCommands.class,
                    NetworkCommands.class,
                    WatchCommands.class,
                    PostureCommand.class,
                    BootstrapCommands.class,
                    ConfigCommands.class);

    // Arguments that speak of commands without naming them.
    private static final Set<String> ABOUT_ALL = Set.of("-h", "--help", "-V", "--version");

    /** Yes, or done. */
    static final int YES = 0;

    /** No: denied, not verified, findings. */
    static final int NO = 1;

    /** The command was not understood. */
    static final int USAGE = 2;

    /** Could not tell. */
    static final int UNKNOWN = 3;

    @CommandLine.Mixin private final Shared shared = new Shared();

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs one command line and gives its exit status. */
    static int run(String... args) {
        return commandLine(args).execute(args);
    }

    /** What understands these arguments; every command when they name none. */
    static CommandLine commandLine(String... args) {
        CommandLine all = new CommandLine(new Main());
        for (Class<?> command : named(List.of(args))) {
            all.addSubcommand(command);
        }
        return all.setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(Main::explain);
    }

    // Reading the annotations of every command takes longer than most commands do. Only those can
    // be meant whose names are there, be it as the value of an option.
    private static List<Class<?>> named(List<String> args) {
        List<Class<?>> named =
                COMMANDS.stream()
                        .filter(c -> args.contains(c.getAnnotation(Command.class).name()))
                        .toList();
        boolean about = args.stream().anyMatch(a -> ABOUT_ALL.contains(a) || a.startsWith("@"));
        return named.isEmpty() || about ? COMMANDS : named;
    }

    Shared shared() {
        return shared;
    }

    private static int explain(
            Exception fault, CommandLine command, CommandLine.ParseResult parsed) {
        if (fault instanceof Stop stop) {
            command.getErr().println("atlas: " + stop.getMessage());
            return stop.status();
        }
        String what = fault.getMessage() == null ? fault.getClass().getName() : fault.getMessage();
        command.getErr().println("atlas: " + what);
        if (System.getenv("ATLAS_DEBUG") != null) {
            LoggerFactory.getLogger(Main.class).error("command failed", fault);
        }
        return UNKNOWN;
    }
}

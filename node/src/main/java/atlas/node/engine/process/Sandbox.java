package atlas.node.engine.process;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The strongest cage for a child that this machine grants, found by trying. Each cage is a command
 * that runs another.
 *
 * @param name what the status page says about it
 * @param prefix the command; empty for none
 * @param otherUser whether the child runs as {@code nobody} rather than as this process's user
 */
record Sandbox(String name, List<String> prefix, boolean otherUser) {
    /** The user and group the child becomes where it can. */
    static final int NOBODY = 65_534;

    private static final List<String> NAMESPACES =
            List.of("--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc");

    /** The outermost: a node that is killed cannot end its engines, so the kernel does. */
    private static final List<String> WITH_THE_NODE = List.of("setpriv", "--pdeathsig=KILL");

    private static final List<String> LIMITS = List.of("prlimit", "--core=0", "--nofile=256");

    // Becoming another user takes the signal away that `--kill-child` asked for: it is asked for
    // again, or the engine would outlive what surrounds it.
    private static final Sandbox FULL =
            new Sandbox(
                    "own namespaces, user nobody, no capabilities",
                    join(
                            WITH_THE_NODE,
                            List.of("unshare"),
                            NAMESPACES,
                            LIMITS,
                            List.of(
                                    "setpriv",
                                    "--reuid=" + NOBODY,
                                    "--regid=" + NOBODY,
                                    "--clear-groups",
                                    "--pdeathsig=KILL",
                                    "--no-new-privs",
                                    "--bounding-set=-all",
                                    "--inh-caps=-all")),
                    true);
    private static final Sandbox UNPRIVILEGED =
            new Sandbox(
                    "own namespaces, same user, no new privileges",
                    join(
                            WITH_THE_NODE,
                            List.of("unshare", "--user", "--map-root-user"),
                            NAMESPACES,
                            LIMITS,
                            List.of(
                                    "setpriv",
                                    "--pdeathsig=KILL",
                                    "--no-new-privs",
                                    "--bounding-set=-all",
                                    "--inh-caps=-all")),
                    false);
    private static final Sandbox WEAK =
            new Sandbox(
                    "weak: shares the network, no new privileges",
                    join(LIMITS, WITH_THE_NODE, List.of("--no-new-privs")),
                    false);
    private static final Sandbox NONE = new Sandbox("none", List.of(), false);

    @SafeVarargs
    private static List<String> join(List<String>... parts) {
        List<String> all = new ArrayList<>();
        for (List<String> part : parts) {
            all.addAll(part);
        }
        return List.copyOf(all);
    }

    /** The strongest that works here. */
    static Sandbox strongest() {
        for (Sandbox sandbox : List.of(FULL, UNPRIVILEGED, WEAK)) {
            if (sandbox.works()) {
                return sandbox;
            }
        }
        return NONE;
    }

    /** Whether the child is cut off from the network. */
    boolean isolatesNetwork() {
        return prefix.contains("--net");
    }

    private boolean works() {
        try {
            Process trial =
                    new ProcessBuilder(command(List.of("true")))
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (trial.waitFor(10, TimeUnit.SECONDS)) {
                return trial.exitValue() == 0;
            }
            trial.destroyForcibly();
            return false;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The command that runs {@code command} in here. */
    List<String> command(List<String> command) {
        return join(prefix, command);
    }
}

package atlas.cli;

import atlas.core.Sensitive;
import atlas.runtime.Dumps;
import atlas.runtime.Logs;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One role in a process of its own. */
@Command(
        name = "serve",
        description = "Run one role in a process of its own, for production.",
        subcommands = {
            ServeCommands.Gateway.class,
            ServeCommands.Control.class,
            ServeCommands.Node.class,
            ServeCommands.Witness.class
        })
final class ServeCommands extends Group {

    /** What every role has in common: in the foreground until it is told to stop. */
    abstract static class Role extends AtlasCommand {
        @Option(
                names = {"-c", "--config"},
                paramLabel = "atlas.yaml",
                description = "a configuration file")
        private @Nullable Path config;

        abstract String role();

        abstract Served start(Path home, Settings settings)
                throws IOException, InterruptedException;

        @Override
        public final Integer call() throws IOException, InterruptedException {
            Dumps.refuse();
            if (shared().json()) {
                Logs.json();
            } else {
                Logs.text();
            }
            Path home = shared().home();
            Settings settings = new Settings(Optional.ofNullable(config));
            OwnSegment.of(settings).ifPresent(own -> own.requireBinds(role(), settings));
            CountDownLatch told = new CountDownLatch(1);
            CountDownLatch stopped = new CountDownLatch(1);
            Thread hook = new Thread(() -> UpCommand.stop(told, stopped), "atlas-stop");
            Runtime.getRuntime().addShutdownHook(hook);
            try (Served role = start(home, settings)) {
                RunFile.write(home, role.listening());
                ready(home, role.listening());
                told.await();
                terminal().say("atlas: draining ...");
            } finally {
                RunFile.remove(home);
                stopped.countDown();
            }
            return Main.YES;
        }

        private void ready(Path home, Map<String, URI> listening) {
            Path ca = home.resolve("tls").resolve("ca.pem");
            if (terminal().json()) {
                ObjectNode event = Remote.object();
                event.put("event", "ready");
                listening.forEach((role, address) -> event.put(role, address.toString()));
                event.put("ca", ca.toString());
                terminal().print(event.toString());
                return;
            }
            terminal().print("ready");
            listening.forEach((role, address) -> terminal().print("  " + role + "  " + address));
            terminal().print("  trust  " + ca);
        }
    }

    /** A role that has joined a control plane, or joins it now. */
    abstract static class Joined extends Role {
        @Option(
                names = "--join",
                paramLabel = "TOKEN",
                description = "join with this token, once; `-` reads it from standard input")
        private @Nullable String join;

        abstract Served serve(Enlisted enlisted, Settings settings) throws InterruptedException;

        @Override
        final Served start(Path home, Settings settings) throws IOException, InterruptedException {
            Enlisted enlisted = Enlisted.open(home, role(), settings, token());
            boolean started = false;
            try {
                Served served = new Owning(serve(enlisted, settings), enlisted);
                started = true;
                return served;
            } finally {
                if (!started) {
                    enlisted.close();
                }
            }
        }

        private Optional<Sensitive<String>> token() throws IOException {
            if (join == null) {
                return Optional.empty();
            }
            if (join.equals("-")) {
                byte[] all = System.in.readNBytes(16 << 10);
                return Optional.of(
                        Sensitive.of(new String(all, java.nio.charset.StandardCharsets.UTF_8)));
            }
            return Optional.of(Sensitive.of(join));
        }
    }

    /** A role and the home it stands on, closed in that order. */
    private record Owning(Served role, Enlisted home) implements Served {
        @Override
        public Map<String, URI> listening() {
            return role.listening();
        }

        @Override
        public void close() {
            try {
                role.close();
            } finally {
                home.close();
            }
        }
    }

    @Command(
            name = "control",
            description =
                    "The control plane: the home with store, registry, vault and CA; API and"
                            + " console; the door for gateways and nodes.",
            footer = "%nExample:%n  atlas serve control -c atlas.yaml")
    static final class Control extends Role {
        @Override
        String role() {
            return "control";
        }

        @Option(
                names = "--models",
                paramLabel = "DIR",
                hidden = true,
                description = "shipped models")
        private @Nullable Path models;

        @Override
        Served start(Path home, Settings settings) {
            Path given = models;
            Path shipped =
                    given != null
                            ? given
                            : Path.of(System.getProperty("atlas.root", "."), "models");
            return ServedControl.start(home, settings, shipped, Clock.systemUTC(), terminal()::say);
        }
    }

    @Command(
            name = "gateway",
            description =
                    "A gateway: its own certificates and journal; keys, grants and deployments as"
                            + " the control plane says.",
            footer = "%nExample:%n  atlas serve gateway -c atlas.yaml --join - < join-token")
    static final class Gateway extends Joined {
        @Override
        String role() {
            return "gateway";
        }

        @Override
        Served serve(Enlisted enlisted, Settings settings) throws InterruptedException {
            return ServedGateway.start(enlisted, settings, Clock.systemUTC());
        }
    }

    @Command(
            name = "node",
            description =
                    "An inference node: fetches deployed models as ciphertext, verifies them and"
                            + " decrypts them in memory.",
            footer = "%nExample:%n  atlas serve node -c atlas.yaml --join - < join-token")
    static final class Node extends Joined {
        @Override
        String role() {
            return "node";
        }

        @Override
        Served serve(Enlisted enlisted, Settings settings) throws InterruptedException {
            return ServedNode.start(enlisted, settings, Clock.systemUTC(), terminal()::say);
        }
    }

    @Command(
            name = "witness",
            description =
                    "A witness of other logs (C2SP tlog-witness): cosigns checkpoints that follow"
                            + " from the last it saw.",
            footer = "%nExample:%n  atlas serve witness -c atlas.yaml --home ./witness")
    static final class Witness extends Role {
        @Override
        String role() {
            return "witness";
        }

        @Override
        Served start(Path home, Settings settings) {
            return ServedWitness.start(home, settings, Clock.systemUTC(), terminal()::say);
        }
    }
}

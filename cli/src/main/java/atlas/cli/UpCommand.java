package atlas.cli;

import atlas.runtime.Logs;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Everything in one process on embedded defaults, in the foreground until it is told to stop. */
@Command(
        name = "up",
        description = "Start gateway, control plane, console and an inference node in one process.",
        footer = "%nExample:%n  atlas up")
final class UpCommand extends AtlasCommand {
    @Option(
            names = "--gateway-port",
            paramLabel = "PORT",
            description = "where the gateway listens (default: 8443)")
    private @Nullable Integer gatewayPort;

    @Option(
            names = "--control-port",
            paramLabel = "PORT",
            description = "where the control plane and console listen (default: 9443)")
    private @Nullable Integer controlPort;

    @Option(names = "--config", paramLabel = "atlas.yaml", description = "a configuration file")
    private @Nullable Path config;

    @Option(names = "--models", paramLabel = "DIR", hidden = true, description = "shipped models")
    private @Nullable Path models;

    @Option(names = "--until-ready", hidden = true, description = "stop as soon as it is ready")
    private boolean untilReady;

    @Option(names = "--rehearse", hidden = true, description = "ask one question when ready")
    private boolean rehearse;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (shared().json()) {
            Logs.json();
        } else {
            Logs.text();
        }
        Path home = shared().home();
        Settings settings = new Settings(Optional.ofNullable(config));
        if (OwnSegment.of(settings).isPresent()) {
            throw Stop.usage(
                    "`network` places one role in its segment, and `atlas up` is all of them; run"
                            + " `atlas serve`, or take the section out");
        }
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Thread hook = new Thread(() -> stop(told, stopped), "atlas-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try (Installation atlas =
                Installation.start(
                        home,
                        settings,
                        Optional.ofNullable(gatewayPort),
                        Optional.ofNullable(controlPort),
                        shippedModels(),
                        Clock.systemUTC(),
                        terminal()::say)) {
            RunFile.write(home, atlas.listening());
            ready(home, atlas);
            if (rehearse) {
                Main.run("--home", home.toString(), "chat", "What is zero trust?");
            }
            if (!untilReady) {
                told.await();
                terminal().say("atlas: draining ...");
            }
        } finally {
            RunFile.remove(home);
            stopped.countDown();
        }
        return Main.YES;
    }

    /** Runs when the process is told to end: says so, and waits until the command has. */
    static void stop(CountDownLatch told, CountDownLatch stopped) {
        told.countDown();
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Path shippedModels() {
        Path given = models;
        return given != null ? given : Path.of(System.getProperty("atlas.root", "."), "models");
    }

    private void ready(Path home, Installation atlas) {
        Path ca = home.resolve("tls").resolve("ca.pem");
        Path credentials = home.resolve("bootstrap.json");
        if (terminal().json()) {
            ObjectNode event = Remote.object();
            event.put("event", "ready");
            event.put("gateway", atlas.gateway().toString());
            event.put("control", atlas.control().toString());
            event.put("ca", ca.toString());
            event.put("credentials", credentials.toString());
            event.put("model", atlas.model());
            terminal().print(event.toString());
            return;
        }
        terminal().print("");
        terminal().print("ready");
        terminal()
                .print(
                        "  gateway   "
                                + atlas.gateway()
                                + "  (OpenAI API, base URL "
                                + atlas.gateway()
                                + "/v1)");
        terminal().print("  console   " + atlas.control() + "/");
        terminal().print("  trust     " + ca);
        terminal().print("  model     " + atlas.model());
        if (atlas.bootstrapPresent()) {
            keys(credentials, atlas.bootstrapExpires());
        }
        terminal().print("  sealed by " + atlas.kek());
        terminal().print("");
        terminal().print("  ask it    atlas chat \"What is zero trust?\"");
        terminal().print("  audit it  atlas journal verify");
    }

    private void keys(Path credentials, Optional<Instant> ends) {
        boolean over = ends.filter(end -> !end.isAfter(Clock.systemUTC().instant())).isPresent();
        String until = ends.map(Instant::toString).orElse("never");
        terminal()
                .print(
                        "  keys      "
                                + credentials
                                + (over
                                        ? "  (expired " + until + ")"
                                        : "  (expire "
                                                + until
                                                + "; anyone who reads this file can use them)"));
        terminal()
                .print(
                        over
                                ? "            if you have none of your own, stop this and run"
                                        + " `atlas bootstrap renew`"
                                : "            issue your own with `atlas key issue`, then `atlas"
                                        + " bootstrap remove`");
    }

    /** The address people type: the name in the certificate. */
    static URI address(int port) {
        return URI.create("https://localhost:" + port);
    }
}

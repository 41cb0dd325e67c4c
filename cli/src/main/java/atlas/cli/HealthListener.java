package atlas.cli;

import atlas.core.json.Json;
import atlas.runtime.Problem;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says to this machine whether a process lives and whether it is ready: {@code GET /livez} and
 * {@code GET /readyz} on a port of their own, on loopback and nowhere else, for nobody in
 * particular. It tells nothing but which of a process's parts are waited for.
 */
final class HealthListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthListener.class);
    private static final EdgeLimits LIMITS =
            new EdgeLimits(
                    8 << 10,
                    1 << 10,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(5),
                    32,
                    32,
                    4);

    private final Map<String, BooleanSupplier> ready;
    private final @Nullable HttpEdge edge;
    private final ScheduledExecutorService renewal =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("health-certificate").factory());

    private HealthListener(
            HealthSettings settings,
            Supplier<TlsIdentity> identity,
            Duration renewAfter,
            Map<String, BooleanSupplier> ready) {
        this.ready = Map.copyOf(ready);
        edge = settings.port().map(port -> listen(port, identity.get())).orElse(null);
        long minutes = Math.max(1, renewAfter.toMinutes());
        renewal.scheduleWithFixedDelay(() -> renew(identity), minutes, minutes, TimeUnit.MINUTES);
    }

    /**
     * Listens, where the section says so.
     *
     * @param identity names localhost; asked for again after each {@code renewAfter}
     * @param ready the parts without which nothing can be served, by name; asking is cheap
     */
    static HealthListener start(
            Settings settings,
            Supplier<TlsIdentity> identity,
            Duration renewAfter,
            Map<String, BooleanSupplier> ready) {
        HealthSettings health =
                settings.section("health", HealthSettings.class, HealthSettings.defaults());
        return new HealthListener(health, identity, renewAfter, ready);
    }

    private HttpEdge listen(int port, TlsIdentity identity) {
        return HttpEdge.start(
                new EdgeConfig(
                        "health",
                        new InetSocketAddress("127.0.0.1", port),
                        identity,
                        ClientAuth.NONE,
                        LIMITS),
                this::answer);
    }

    private void renew(Supplier<TlsIdentity> identity) {
        try {
            if (edge != null) {
                edge.reload(identity.get());
            }
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("certificate of the health port not renewed");
        }
    }

    private void answer(Exchange exchange) {
        boolean asked = exchange.method().equals("GET") && exchange.query().isEmpty();
        switch (asked && exchange.knownHere() ? exchange.path() : "") {
            case "/livez" -> say(exchange, 200, "live", List.of());
            case "/readyz" -> {
                List<String> missing =
                        ready.keySet().stream().filter(part -> !well(part)).sorted().toList();
                boolean all = missing.isEmpty();
                say(exchange, all ? 200 : 503, all ? "ready" : "waiting", missing);
            }
            default -> {
                Problem problem =
                        new Problem("not-found", 404, "Not found", "here are /livez and /readyz");
                exchange.respond(
                        404,
                        Headers.of("content-type", Problem.MEDIA_TYPE, "cache-control", "no-store"),
                        problem.json(exchange.requestId()));
            }
        }
    }

    private boolean well(String part) {
        try {
            return Stream.ofNullable(ready.get(part)).anyMatch(BooleanSupplier::getAsBoolean);
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static void say(Exchange exchange, int status, String word, List<String> missing) {
        byte[] body =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("status", word);
                    out.writeArrayFieldStart("waiting_for");
                    for (String part : missing) {
                        out.writeString(part);
                    }
                    out.writeEndArray();
                    out.writeEndObject();
                });
        exchange.respond(
                status,
                Headers.of("content-type", "application/json", "cache-control", "no-store"),
                body);
    }

    /** Adds where it listens to what a process says of itself. */
    void tell(Map<String, URI> listening) {
        if (edge != null) {
            listening.put("health", UpCommand.address(edge.address().getPort()));
        }
    }

    @Override
    public void close() {
        renewal.shutdownNow();
        if (edge != null) {
            edge.close();
        }
    }
}

package atlas.gateway;

import atlas.core.Sensitive;
import atlas.gateway.openai.InferenceRequest;
import atlas.runtime.http.Headers;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamException.Kind;
import atlas.runtime.http.UpstreamResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where admitted requests go: our own nodes by turns, or the remote engine that serves the model.
 * Another node is tried only when nothing was sent to the one before.
 */
final class Backends {
    private static final Headers SENT =
            Headers.of("content-type", "application/json", "accept-encoding", "identity");

    private final List<Backend> nodes;
    private final Map<String, Backend> engines;
    private final Duration deadline;
    private final int maxAnswerBytes;
    private final AtomicInteger turn = new AtomicInteger();

    /** One place to send to. */
    record Backend(String name, Sender sender, Optional<Sensitive<String>> key) {}

    /** The one thing asked of an upstream. */
    interface Sender {
        UpstreamResponse send(
                String method,
                String path,
                Headers headers,
                byte[] body,
                Duration deadline,
                CompletionStage<?> ready)
                throws UpstreamException;
    }

    /**
     * @param engines by the name of the model they serve
     */
    Backends(
            List<Backend> nodes,
            Map<String, Backend> engines,
            Duration deadline,
            int maxAnswerBytes) {
        this.nodes = List.copyOf(nodes);
        this.engines = Map.copyOf(engines);
        this.deadline = deadline;
        this.maxAnswerBytes = maxAnswerBytes;
    }

    /** The largest whole answer that is taken. */
    int maxAnswerBytes() {
        return maxAnswerBytes;
    }

    /**
     * Sends a request, once {@code ready} completes, and waits for the head of the answer; nothing
     * is sent when {@code ready} fails.
     */
    UpstreamResponse send(
            Trip trip, Served model, InferenceRequest request, CompletionStage<?> ready)
            throws UpstreamException {
        return switch (model) {
            case Served.Verified _ -> toNode(trip, model, request, ready);
            case Served.Remote remote -> toEngine(trip, remote.engine(), request, ready);
        };
    }

    private UpstreamResponse toNode(
            Trip trip, Served model, InferenceRequest request, CompletionStage<?> ready)
            throws UpstreamException {
        if (nodes.isEmpty()) {
            throw new UpstreamException(Kind.CONNECT, "no node is configured");
        }
        Headers headers =
                SENT.with("atlas-model", model.identity().ref().toString())
                        .with("atlas-request-id", trip.exchange().requestId());
        byte[] body = request.forwardedAs(model.identity().ref().name());
        int first = Math.floorMod(turn.getAndIncrement(), nodes.size());
        for (int i = 0; ; i++) {
            Backend node = nodes.get((first + i) % nodes.size());
            trip.sentTo(node.name());
            try {
                return node.sender()
                        .send("POST", request.operation().path(), headers, body, deadline, ready);
            } catch (UpstreamException e) {
                if (!sentNothing(e) || i + 1 == nodes.size()) {
                    throw e;
                }
            }
        }
    }

    private UpstreamResponse toEngine(
            Trip trip,
            GatewayConfig.Engine engine,
            InferenceRequest request,
            CompletionStage<?> ready)
            throws UpstreamException {
        Backend backend = engines.get(engine.model());
        if (backend == null) {
            throw new IllegalStateException("a remote engine without an upstream");
        }
        trip.sentTo(backend.name());
        Headers headers = SENT;
        if (backend.key().isPresent()) {
            headers = headers.with("authorization", "Bearer " + backend.key().get().reveal());
        }
        byte[] body = request.forwardedAs(engine.engineModel());
        return backend.sender()
                .send("POST", request.operation().path(), headers, body, deadline, ready);
    }

    /** Whether the failure happened before a byte of the request could be read by anybody. */
    static boolean sentNothing(UpstreamException e) {
        return switch (e.kind()) {
            case CONNECT, TLS, POOL_EXHAUSTED -> true;
            case TIMEOUT, PROTOCOL, CLOSED, TOO_LARGE -> false;
        };
    }
}

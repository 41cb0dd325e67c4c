package atlas.cli.proxy;

import atlas.core.Sensitive;
import atlas.core.json.Json;
import atlas.runtime.http.BodyWriter;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Handler;
import atlas.runtime.http.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a request on with the bound token and a proof made for it, and its answer back as it comes.
 * Whoever does not send the local key is told no more than that.
 */
final class Forwarding implements Handler {
    /** What is ours to set, or the connection's. */
    private static final Set<String> NOT_FORWARDED =
            Set.of(
                    "authorization",
                    "x-api-key",
                    "dpop",
                    "host",
                    "content-length",
                    "connection",
                    "expect",
                    "upgrade");

    private static final Set<String> NOT_RETURNED =
            Set.of("connection", "transfer-encoding", "content-length", "keep-alive");
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final Headers JSON = Headers.of("content-type", "application/json");
    private static final int TRIES = 3;
    private static final Logger LOG = LoggerFactory.getLogger(Forwarding.class);

    private final byte[] localKey;
    private final TokenSource tokens;
    private final HttpClient client;
    private final URI gateway;

    Forwarding(Sensitive<String> localKey, TokenSource tokens, HttpClient client, URI gateway) {
        this.localKey = localKey.reveal().getBytes(StandardCharsets.UTF_8);
        this.tokens = tokens;
        this.client = client;
        this.gateway = gateway;
    }

    @Override
    public void handle(Exchange exchange) {
        if (!local(exchange) || !exchange.knownHere()) {
            answer(exchange, 401, "invalid_credential", "send the key of this proxy as API key");
            return;
        }
        try {
            relay(exchange, send(exchange));
        } catch (ProxyException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("no token");
            answer(
                    exchange,
                    e.refused() ? 401 : 503,
                    e.refused() ? "invalid_credential" : "unavailable",
                    String.valueOf(e.getMessage()));
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("reason", String.valueOf(e.getMessage())).log("no answer");
            answer(exchange, 502, "upstream_error", "the gateway cannot be reached");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer(exchange, 503, "unavailable", "the proxy is stopping");
        }
    }

    private boolean local(Exchange exchange) {
        List<String> authorization = exchange.headers().all("authorization");
        List<String> keys = exchange.headers().all("x-api-key");
        if (authorization.size() + keys.size() != 1) {
            return false;
        }
        String value = keys.isEmpty() ? authorization.getFirst() : keys.getFirst();
        String sent =
                keys.isEmpty() && value.regionMatches(true, 0, "bearer ", 0, 7)
                        ? value.substring(7).strip()
                        : value;
        return MessageDigest.isEqual(localKey, sent.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends it, and again when the gateway wants another nonce, or once more when it does not know
     * the token: it may have been revoked, and a new one may be had.
     */
    private HttpResponse<InputStream> send(Exchange exchange)
            throws ProxyException, IOException, InterruptedException {
        URI target = target(exchange);
        boolean renewed = false;
        for (int tries = 1; ; tries++) {
            Sensitive<String> token = tokens.token();
            HttpResponse<InputStream> answer =
                    client.send(
                            request(exchange, target, token),
                            HttpResponse.BodyHandlers.ofInputStream());
            boolean again = false;
            if (answer.statusCode() == 401 && tries < TRIES) {
                if (tokens.learn(answer)) {
                    again = true;
                } else if (!renewed) {
                    tokens.refused(token);
                    renewed = true;
                    again = true;
                }
            }
            if (!again) {
                return answer;
            }
            answer.body().close();
        }
    }

    private URI target(Exchange exchange) throws IOException {
        try {
            URI path =
                    new URI(
                            gateway.getScheme(),
                            gateway.getAuthority(),
                            exchange.path(),
                            null,
                            null);
            String query = exchange.query().isEmpty() ? "" : "?" + exchange.query();
            return URI.create(path.toASCIIString() + query);
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new IOException("not a path that can be asked for", e);
        }
    }

    private HttpRequest request(Exchange exchange, URI target, Sensitive<String> token) {
        byte[] body = exchange.body();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(target)
                        .timeout(PATIENCE)
                        .method(
                                exchange.method(),
                                body.length == 0
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.headers()
                .forEach((name, value) -> {
                    if (!NOT_FORWARDED.contains(name)) {
                        request.header(name, value);
                    }
                });
        request.header("authorization", "DPoP " + token.reveal());
        request.header("dpop", tokens.proof(exchange.method(), target, token));
        return request.build();
    }

    private static void relay(Exchange exchange, HttpResponse<InputStream> answer)
            throws IOException {
        Headers headers = Headers.none();
        for (Map.Entry<String, List<String>> field : answer.headers().map().entrySet()) {
            if (!field.getKey().startsWith(":") && !NOT_RETURNED.contains(field.getKey())) {
                for (String value : field.getValue()) {
                    headers = headers.with(field.getKey(), value);
                }
            }
        }
        boolean bodiless = answer.statusCode() == 204 || answer.statusCode() == 304;
        if (bodiless || exchange.method().equals("HEAD")) {
            answer.body().close();
            exchange.respond(answer.statusCode(), headers, new byte[0]);
            return;
        }
        try (InputStream from = answer.body()) {
            exchange.onClose(() -> giveUp(from));
            BodyWriter to = exchange.stream(answer.statusCode(), headers);
            byte[] buffer = new byte[16 << 10];
            try {
                for (int n; (n = from.read(buffer)) >= 0; ) {
                    to.write(Arrays.copyOf(buffer, n));
                    to.flush();
                }
                to.close();
            } catch (IOException e) {
                // Half an answer must not look like a whole one.
                to.abort();
            }
        }
    }

    private static void giveUp(InputStream from) {
        try {
            from.close();
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("an abandoned answer did not close well");
        }
    }

    private static void answer(Exchange exchange, int status, String code, String message) {
        if (!exchange.open()) {
            return;
        }
        exchange.respond(
                status,
                JSON,
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeObjectFieldStart("error");
                    out.writeStringField("message", message);
                    out.writeStringField("type", "atlas_proxy");
                    out.writeStringField("code", code);
                    out.writeEndObject();
                    out.writeEndObject();
                }));
    }
}

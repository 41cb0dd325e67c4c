package atlas.cli.proxy;

import atlas.core.Sensitive;
import atlas.identity.token.ProofMaker;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The token of this helper: obtained from the gateway's token endpoint for a long-lived credential,
 * bound to a key that exists in this process only, and obtained anew before it ends. Thread-safe;
 * one request for a token at a time.
 */
final class TokenSource {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient client;
    private final URI endpoint;
    private final Supplier<Optional<Sensitive<String>>> credential;
    private final String scope;
    private final Clock clock;
    private final ProofMaker proofs;
    private volatile Optional<String> nonce = Optional.empty();
    private volatile @Nullable Held held;

    private record Held(Sensitive<String> token, Instant renewAt, Instant ends) {}

    /**
     * @param credential read anew for each token, so that a rotated key is picked up; empty where
     *     the client certificate of {@code client} is the credential
     * @param scope to narrow the token; empty for all that the credential reaches
     */
    TokenSource(
            HttpClient client,
            URI gateway,
            Supplier<Optional<Sensitive<String>>> credential,
            String scope,
            Clock clock) {
        this.client = client;
        this.endpoint = gateway.resolve("/oauth2/token");
        this.credential = credential;
        this.scope = scope;
        this.clock = clock;
        this.proofs = new ProofMaker(clock);
    }

    /** A token that lives. */
    Sensitive<String> token() throws ProxyException {
        Held now = held;
        if (now != null && clock.instant().isBefore(now.renewAt)) {
            return now.token;
        }
        return renew(now);
    }

    /** Forgets this token, which the gateway did not accept. */
    void refused(Sensitive<String> token) {
        Held now = held;
        if (now != null && now.token.reveal().equals(token.reveal())) {
            held = null;
        }
    }

    /** A proof for a request that is sent with this token. */
    String proof(String method, URI target, Sensitive<String> token) {
        return proofs.proof(method, target, Optional.of(token), nonce);
    }

    /** Takes over the nonce of an answer that asks for one; whether it does. */
    boolean learn(HttpResponse<?> answer) {
        Optional<String> given = answer.headers().firstValue("dpop-nonce");
        if (given.isPresent()) {
            nonce = given;
        }
        return given.isPresent();
    }

    private synchronized Sensitive<String> renew(@Nullable Held before) throws ProxyException {
        Held now = held;
        if (now != null && !now.equals(before) && clock.instant().isBefore(now.renewAt)) {
            return now.token;
        }
        try {
            Held fresh = obtain();
            held = fresh;
            return fresh.token;
        } catch (ProxyException e) {
            // The old one is good to its end, if the gateway is only away for a moment.
            if (!e.refused() && now != null && clock.instant().isBefore(now.ends)) {
                return now.token;
            }
            throw e;
        }
    }

    private Held obtain() throws ProxyException {
        HttpResponse<String> answer = ask();
        if (answer.statusCode() == 400 && learn(answer)) {
            answer = ask();
        }
        JsonNode body = parse(answer.body());
        if (answer.statusCode() != 200) {
            String why = body.path("error_description").asText(body.at("/error/message").asText());
            throw new ProxyException(
                    refuses(answer.statusCode()),
                    "the gateway gives no token (" + answer.statusCode() + "): " + why);
        }
        long seconds = body.path("expires_in").asLong();
        Instant now = clock.instant();
        return new Held(
                Sensitive.of(body.path("access_token").asText()),
                now.plusSeconds(seconds * 3 / 4),
                now.plusSeconds(seconds));
    }

    // Whoever stands in between may say 408 or 429, and neither is a word about the credential.
    private static boolean refuses(int status) {
        return status >= 400 && status < 500 && status != 408 && status != 429;
    }

    // A file that is being written anew may be unreadable for a moment; the token may hold on.
    private Optional<Sensitive<String>> presented() throws ProxyException {
        try {
            return credential.get();
        } catch (RuntimeException e) {
            throw new ProxyException(false, String.valueOf(e.getMessage()));
        }
    }

    private HttpResponse<String> ask() throws ProxyException {
        Optional<Sensitive<String>> presented = presented();
        String form =
                "grant_type="
                        + encode(presented.isPresent() ? EXCHANGE : "client_credentials")
                        + (scope.isEmpty() ? "" : "&scope=" + encode(scope));
        HttpRequest.Builder request =
                HttpRequest.newBuilder(endpoint)
                        .timeout(PATIENCE)
                        .header("content-type", "application/x-www-form-urlencoded")
                        .header("dpop", proofs.proof("POST", endpoint, Optional.empty(), nonce))
                        .POST(HttpRequest.BodyPublishers.ofString(form));
        presented.ifPresent(text -> request.header("authorization", "Bearer " + text.reveal()));
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            String what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new ProxyException(false, "cannot reach " + endpoint + ": " + what);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProxyException(false, "interrupted");
        }
    }

    private static JsonNode parse(String text) throws ProxyException {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new ProxyException(false, "the gateway answered something that is not JSON");
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}

package atlas.cli;

import atlas.identity.IdentityException;
import atlas.identity.JwksFetcher;
import atlas.identity.JwksSource;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Signs in at an issuer from a terminal: the device authorization grant (RFC 8628), refreshing, and
 * giving a token back (RFC 7009). Speaks https only, with servers under given anchors.
 */
final class DeviceFlow implements AutoCloseable {
    private static final String GRANT = "urn:ietf:params:oauth:grant-type:device_code";
    private static final int LONGEST_WAIT_SECONDS = 60;

    private final String issuer;
    private final String clientId;
    private final @Nullable String authority;
    private final JwksFetcher channel;
    private final JsonNode metadata;

    private DeviceFlow(
            String issuer,
            String clientId,
            @Nullable String authority,
            JwksFetcher channel,
            JsonNode metadata) {
        this.issuer = issuer;
        this.clientId = clientId;
        this.authority = authority;
        this.channel = channel;
        this.metadata = metadata;
    }

    /** A person is asked to go to a page and enter a code there. */
    interface Prompt {
        void show(String page, String code, @Nullable String whole);
    }

    /**
     * Reads what the issuer says of itself.
     *
     * @param authority PEM file with the anchors of its server; null for those of the Java runtime
     */
    static DeviceFlow with(String issuer, String clientId, @Nullable String authority) {
        JwksFetcher channel;
        try {
            channel =
                    authority == null
                            ? JwksFetcher.trustingRuntime()
                            : JwksFetcher.trusting(Pem.certificates(Path.of(authority)));
        } catch (IdentityException e) {
            throw Stop.unknown(String.valueOf(e.getMessage()));
        }
        String slash = issuer.endsWith("/") ? "" : "/";
        try {
            JsonNode metadata =
                    Remote.JSON.readTree(
                            channel.fetch(
                                    URI.create(
                                            issuer + slash + ".well-known/openid-configuration")));
            if (!metadata.path("issuer").asText().equals(issuer)) {
                throw new IOException("its discovery document is another issuer's");
            }
            return new DeviceFlow(issuer, clientId, authority, channel, metadata);
        } catch (IOException | IllegalArgumentException e) {
            channel.close();
            throw Stop.unknown("cannot ask the issuer `" + issuer + "`: " + e.getMessage());
        }
    }

    /** Signs in; returns when the person has, or stops when they will not. */
    SavedLogin.Entry signIn(String scopes, Prompt prompt) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("client_id", clientId);
        form.put("scope", scopes);
        JsonNode asked = post("device_authorization_endpoint", form);
        String device = asked.path("device_code").asText();
        if (device.isEmpty()) {
            throw Stop.no("the issuer does not let this client sign in: " + why(asked));
        }
        prompt.show(
                Terminal.safe(asked.path("verification_uri").asText()),
                Terminal.safe(asked.path("user_code").asText()),
                asked.hasNonNull("verification_uri_complete")
                        ? Terminal.safe(asked.path("verification_uri_complete").asText())
                        : null);
        return poll(
                device,
                asked.path("interval").asInt(5),
                Instant.now().plusSeconds(asked.path("expires_in").asLong(600)));
    }

    private SavedLogin.Entry poll(String device, int interval, Instant until) {
        int wait = Math.clamp(interval, 1, LONGEST_WAIT_SECONDS);
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", GRANT);
        form.put("device_code", device);
        form.put("client_id", clientId);
        while (Instant.now().isBefore(until)) {
            pause(Duration.ofSeconds(wait));
            JsonNode answer = post("token_endpoint", form);
            switch (answer.path("error").asText("")) {
                case "" -> {
                    return entry(answer, null);
                }
                case "authorization_pending" -> {
                    continue;
                }
                // RFC 8628 §3.5: five seconds more, from now on.
                case "slow_down" -> wait = Math.min(wait + 5, LONGEST_WAIT_SECONDS);
                case "access_denied" -> throw Stop.no("signing in was refused");
                case "expired_token" -> throw Stop.no("nobody signed in in time; try again");
                default -> throw Stop.no("the issuer refused: " + why(answer));
            }
        }
        throw Stop.no("nobody signed in in time; try again");
    }

    /** A new access token; stops when the sign-in is over. */
    SavedLogin.Entry refresh(String refresh) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "refresh_token");
        form.put("refresh_token", refresh);
        form.put("client_id", clientId);
        JsonNode answer = post("token_endpoint", form);
        if (answer.hasNonNull("error")) {
            throw Stop.no("your sign-in is over (" + why(answer) + "); run `atlas login`");
        }
        return entry(answer, refresh);
    }

    /** Gives a token back; false when the issuer takes none or could not be told. */
    boolean revoke(String refresh) {
        if (!metadata.hasNonNull("revocation_endpoint")) {
            return false;
        }
        Map<String, String> form = new LinkedHashMap<>();
        form.put("token", refresh);
        form.put("token_type_hint", "refresh_token");
        form.put("client_id", clientId);
        try {
            return call("revocation_endpoint", form).status() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private SavedLogin.Entry entry(JsonNode answer, @Nullable String before) {
        String access = answer.path("access_token").asText();
        if (access.isEmpty() || !answer.path("token_type").asText().equalsIgnoreCase("Bearer")) {
            throw Stop.unknown("the issuer gave no bearer token");
        }
        return new SavedLogin.Entry(
                issuer,
                clientId,
                authority,
                access,
                Instant.now().plusSeconds(answer.path("expires_in").asLong(60)),
                answer.hasNonNull("refresh_token")
                        ? answer.path("refresh_token").asText()
                        : before);
    }

    private JsonNode post(String endpoint, Map<String, String> form) {
        try {
            JwksSource.Channel.Answer answer = call(endpoint, form);
            if (answer.status() >= 500) {
                throw Stop.unknown("the issuer answered " + answer.status());
            }
            return Remote.JSON.readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw Stop.unknown("the issuer answered something that is not JSON");
        } catch (IOException e) {
            throw Stop.unknown("cannot reach the issuer `" + issuer + "`: " + e.getMessage());
        }
    }

    private JwksSource.Channel.Answer call(String endpoint, Map<String, String> form)
            throws IOException {
        String place = metadata.path(endpoint).asText();
        if (!place.startsWith("https://")) {
            throw Stop.no("the issuer `" + issuer + "` has no " + endpoint.replace('_', ' '));
        }
        String encoded =
                form.entrySet().stream()
                        .map(e ->
                                e.getKey()
                                        + "="
                                        + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
        return channel.call(URI.create(place), Map.of(), encoded);
    }

    private static String why(JsonNode answer) {
        String described = answer.path("error_description").asText("");
        return Terminal.safe(
                described.isEmpty() ? answer.path("error").asText("no reason given") : described);
    }

    // Between two questions there is nothing to wait for but time: the grant asks for that.
    private static void pause(Duration time) {
        try {
            if (new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("nobody counts down");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Stop.unknown("interrupted");
        }
    }

    @Override
    public void close() {
        channel.close();
    }
}

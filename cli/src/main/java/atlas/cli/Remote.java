package atlas.cli;

import atlas.core.Role;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A running Atlas, asked over HTTPS: TLS 1.3, its own trust anchors, one credential. A "no" becomes
 * exit status 1, an unreachable or broken server 3.
 */
final class Remote {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final Duration EARLY = Duration.ofSeconds(30);

    private final URI base;
    private final String key;
    private final HttpClient client;

    private Remote(URI base, String key, HttpClient client) {
        this.base = base;
        this.key = key;
        this.client = client;
    }

    /** The control plane, asked with the given credential or the bootstrap key of this role. */
    static Remote control(Shared shared, Role role) {
        return new Remote(
                address(shared, shared.control(), "control"),
                credential(shared, role),
                client(shared));
    }

    /** The gateway, likewise. */
    static Remote gateway(Shared shared, Role role) {
        return new Remote(
                address(shared, shared.gateway(), "gateway"),
                credential(shared, role),
                client(shared));
    }

    /** The control plane, asked without a credential: for what it tells anybody. */
    static Remote stranger(Shared shared) {
        return new Remote(address(shared, shared.control(), "control"), "", client(shared));
    }

    URI base() {
        return base;
    }

    JsonNode read(String path) {
        return json(send(request(path).GET().build()));
    }

    String readText(String path) {
        return text(send(request(path).GET().build()));
    }

    JsonNode post(String path, JsonNode body) {
        return json(send(with("POST", path, body)));
    }

    /**
     * What the server said to a request that it may refuse.
     *
     * @param code of an OpenAI-shaped error, else empty
     */
    record Answer(int status, String code, String explanation) {}

    /** Posts and takes a refusal for an answer too; a server that cannot be asked is none. */
    Answer ask(String path, JsonNode body) {
        HttpResponse<InputStream> response = exchange(with("POST", path, body));
        String text = text(response);
        String code = "";
        try {
            code = JSON.readTree(text).at("/error/code").asText();
        } catch (JsonProcessingException e) {
            // Not an error of the gateway's own; its status says enough.
        }
        String why = response.statusCode() == 200 ? "" : explanation(text, response.statusCode());
        return new Answer(response.statusCode(), code, why);
    }

    /** Posts a form, as OAuth endpoints take it. */
    JsonNode form(String path, Map<String, String> values) {
        String body =
                values.entrySet().stream()
                        .map(e -> e.getKey() + "=" + segment(e.getValue()))
                        .collect(Collectors.joining("&"));
        return json(
                send(
                        request(path)
                                .header("content-type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofString(body))
                                .build()));
    }

    JsonNode put(String path, BodyPublisher bytes) {
        return json(
                send(
                        request(path)
                                .header("content-type", "application/octet-stream")
                                .method("PUT", bytes)
                                .build()));
    }

    JsonNode delete(String path) {
        return json(send(request(path).DELETE().build()));
    }

    /** The body as it arrives; the caller closes it. */
    InputStream stream(String method, String path, Optional<JsonNode> body) {
        HttpRequest request =
                body.isPresent()
                        ? with(method, path, body.get())
                        : request(path).method(method, BodyPublishers.noBody()).build();
        return send(request).body();
    }

    /** Server-sent events as they arrive, after the last one seen; the caller closes them. */
    InputStream events(String path, OptionalLong last) {
        HttpRequest.Builder request = request(path).GET();
        last.ifPresent(id -> request.header("last-event-id", Long.toString(id)));
        return send(request.build()).body();
    }

    /** A piece of a path or a query, percent-encoded. */
    static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    private HttpRequest with(String method, String path, JsonNode body) {
        return request(path)
                .header("content-type", "application/json")
                .method(method, BodyPublishers.ofString(body.toString()))
                .build();
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofMinutes(10));
        return key.isEmpty() ? request : request.header("authorization", "Bearer " + key);
    }

    private HttpResponse<InputStream> send(HttpRequest request) {
        HttpResponse<InputStream> response = exchange(request);
        if (response.statusCode() / 100 == 2) {
            return response;
        }
        String body = text(response);
        String why = explanation(body, response.statusCode());
        throw response.statusCode() >= 500 ? Stop.unknown(why) : Stop.no(why);
    }

    private HttpResponse<InputStream> exchange(HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.ofInputStream());
        } catch (IOException e) {
            String what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw Stop.unknown(
                    "cannot reach "
                            + base
                            + ": "
                            + what
                            + " (is it running? `atlas up` starts it)");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Stop.unknown("interrupted");
        }
    }

    /** The sentence of a problem document (RFC 9457) or of an OpenAI-shaped error. */
    private static String explanation(String body, int status) {
        try {
            JsonNode problem = JSON.readTree(body);
            JsonNode error = problem.path("error");
            if (error.isObject()) {
                return Terminal.safe(
                        error.path("code").asText() + ": " + error.path("message").asText());
            }
            if (problem.hasNonNull("error_description")) {
                return Terminal.safe(
                        error.asText() + ": " + problem.path("error_description").asText());
            }
            if (problem.hasNonNull("title")) {
                String detail = problem.path("detail").asText("");
                return Terminal.safe(
                        problem.path("title").asText() + (detail.isEmpty() ? "" : ": " + detail));
            }
        } catch (JsonProcessingException e) {
            return "the server answered " + status + " without an explanation";
        }
        return "the server answered " + status;
    }

    private static KeyManager @Nullable [] keys(Optional<Shown> shown)
            throws GeneralSecurityException, IOException {
        if (shown.isEmpty()) {
            return null;
        }
        // In memory, for this process: the password protects nothing.
        char[] password = new char[0];
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry(
                "client",
                shown.get().key(),
                password,
                shown.get().chain().toArray(Certificate[]::new));
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(own, password);
        return factory.getKeyManagers();
    }

    private static JsonNode json(HttpResponse<InputStream> response) {
        String body = text(response);
        if (body.isEmpty()) {
            return object();
        }
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw Stop.unknown("the server answered something that is not JSON");
        }
    }

    private static String text(HttpResponse<InputStream> response) {
        try (InputStream in = response.body()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw Stop.unknown("the answer broke off: " + e.getMessage());
        }
    }

    static URI address(Shared shared, @Nullable String given, String which) {
        if (given != null) {
            try {
                URI uri = new URI(given);
                if ("https".equals(uri.getScheme()) && uri.getHost() != null) {
                    return uri;
                }
            } catch (URISyntaxException e) {
                // Said below, as for every other text that is no address.
            }
            throw Stop.usage("`" + given + "` is not an https:// address");
        }
        Path file = shared.home().resolve(RunFile.NAME);
        if (!Files.exists(file)) {
            throw Stop.unknown(
                    "nothing runs in "
                            + shared.home()
                            + "; start it with `atlas up`, or name a server with --"
                            + which);
        }
        return RunFile.read(file, which);
    }

    static String credential(Shared shared, Role role) {
        Path file = shared.credential();
        String env = System.getenv("ATLAS_KEY");
        try {
            if (file != null) {
                return Files.readString(file).strip();
            }
            if (env != null && !env.isBlank()) {
                return env.strip();
            }
            Optional<String> own = signedIn(shared);
            if (own.isPresent()) {
                return own.get();
            }
            Path bootstrap = shared.home().resolve("bootstrap.json");
            if (Files.exists(bootstrap)) {
                JsonNode key =
                        JSON.readTree(Files.readString(bootstrap))
                                .path(role.wireName())
                                .path("key");
                if (key.isTextual()) {
                    return key.asText();
                }
            }
        } catch (IOException e) {
            throw Stop.unknown("cannot read the credential: " + e.getMessage());
        }
        throw Stop.usage(
                "no credential: run `atlas login`, set ATLAS_KEY or give --credential FILE (a key"
                        + " with the role `"
                        + role.wireName()
                        + "`)");
    }

    // The token of `atlas login` for this installation, a fresh one when it is about to end.
    private static Optional<String> signedIn(Shared shared) throws IOException {
        if (!SavedLogin.any() || !Files.exists(shared.ca())) {
            return Optional.empty();
        }
        try (SavedLogin saved = SavedLogin.open(shared.ca())) {
            Optional<SavedLogin.Entry> entry = saved.entry();
            if (entry.isEmpty() || Instant.now().isBefore(entry.get().expires().minus(EARLY))) {
                return entry.map(SavedLogin.Entry::access);
            }
            SavedLogin.Entry old = entry.get();
            if (old.refresh() == null) {
                throw Stop.no("your sign-in is over; run `atlas login`");
            }
            try (DeviceFlow flow = DeviceFlow.with(old.issuer(), old.clientId(), old.authority())) {
                SavedLogin.Entry fresh = flow.refresh(old.refresh());
                saved.put(fresh);
                return Optional.of(fresh.access());
            }
        }
    }

    /** A client certificate and the key that goes with it. */
    record Shown(PrivateKey key, List<X509Certificate> chain) {}

    static HttpClient client(Shared shared) {
        return client(shared, Optional.empty());
    }

    /** A client that trusts the server's authority and nothing else. */
    static HttpClient client(Shared shared, Optional<Shown> shown) {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            try (InputStream in = Files.newInputStream(shared.ca())) {
                int n = 0;
                for (Certificate c :
                        CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    anchors.setCertificateEntry("ca-" + n++, c);
                }
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(anchors);
            SSLContext tls = SSLContext.getInstance("TLSv1.3");
            tls.init(keys(shown), trust.getTrustManagers(), null);
            SSLParameters parameters = new SSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.3"});
            return HttpClient.newBuilder()
                    .sslContext(tls)
                    .sslParameters(parameters)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();
        } catch (IOException e) {
            throw Stop.unknown(
                    "cannot read the trusted certificates in "
                            + shared.ca()
                            + ": "
                            + e.getMessage());
        } catch (GeneralSecurityException e) {
            throw Stop.unknown(
                    "the trusted certificates in "
                            + shared.ca()
                            + " are not usable: "
                            + e.getMessage());
        }
    }
}

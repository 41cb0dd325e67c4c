package atlas.vault.kek;

import atlas.core.crypto.KeyUnavailableException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * Calls key services: TLS 1.3 only, servers under given anchors or those of the runtime, no
 * redirect, no proxy, ten seconds and 64 KiB at most. Thread-safe.
 */
final class KekTransport implements AutoCloseable {
    static final String CA_FILE = "ca-file";

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MAX_BYTES = 64 << 10;

    private final HttpClient client;
    private final Duration patience;

    /** What a service answered. */
    record Answer(int status, byte[] body) {
        boolean ok() {
            return status == 200;
        }

        /** Whether it cannot say now what it will say later. */
        boolean away() {
            return status >= 500 || status == 429 || status == 408;
        }
    }

    private KekTransport(HttpClient client, Duration patience) {
        this.client = client;
        this.patience = patience;
    }

    /**
     * For a service whose certificate chains to the PEM file, or to the runtime's anchors.
     *
     * @throws IllegalArgumentException when the file holds no certificates
     */
    static KekTransport trusting(Optional<Path> anchors) {
        return trusting(anchors, PATIENCE);
    }

    static KekTransport trusting(Optional<Path> anchors, Duration patience) {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3"});
        return new KekTransport(
                HttpClient.newBuilder()
                        .sslContext(context(anchors))
                        .sslParameters(parameters)
                        .connectTimeout(CONNECT)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .proxy(HttpClient.Builder.NO_PROXY)
                        .version(HttpClient.Version.HTTP_1_1)
                        .build(),
                patience);
    }

    private static SSLContext context(Optional<Path> anchors) {
        try {
            if (anchors.isEmpty()) {
                return SSLContext.getDefault();
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int count = 0;
            try (var in = Files.newInputStream(anchors.get())) {
                for (Certificate one :
                        CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    store.setCertificateEntry("anchor" + count++, one);
                }
            }
            if (count == 0) {
                throw new IllegalArgumentException("`" + anchors.get() + "` holds no certificate");
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    "the certificates that vouch for the key service could not be read: "
                            + e.getMessage(),
                    e);
        }
    }

    /** An {@code https:} address and nothing else. */
    static URI https(String text) {
        try {
            URI place = new URI(text);
            if ("https".equals(place.getScheme())
                    && place.getHost() != null
                    && place.getUserInfo() == null
                    && place.getFragment() == null) {
                return place;
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("`" + text + "` is not an address", e);
        }
        throw new IllegalArgumentException(
                "`"
                        + text
                        + "` is not an `https://host…` address, the only kind a key is asked for"
                        + " at");
    }

    /**
     * Posts.
     *
     * @throws KeyUnavailableException when no answer comes
     */
    Answer post(URI place, Map<String, String> headers, byte[] body) {
        return send(place, headers, HttpRequest.BodyPublishers.ofByteArray(body), "POST");
    }

    Answer get(URI place, Map<String, String> headers) {
        return send(place, headers, HttpRequest.BodyPublishers.noBody(), "GET");
    }

    private Answer send(
            URI place, Map<String, String> headers, HttpRequest.BodyPublisher body, String method) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(place).timeout(patience).method(method, body);
        headers.forEach((name, value) -> add(request, name, value));
        // The request's own limit ends with the head of the answer; this one with all of it.
        CompletableFuture<HttpResponse<byte[]>> coming =
                client.sendAsync(
                        request.build(),
                        BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
        try {
            HttpResponse<byte[]> answer = coming.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(answer.statusCode(), answer.body());
        } catch (ExecutionException e) {
            throw silent(place, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            coming.cancel(true);
            throw silent(place, new IOException("no whole answer within " + patience, e));
        } catch (InterruptedException e) {
            coming.cancel(true);
            Thread.currentThread().interrupt();
            throw new KeyUnavailableException("interrupted while asking for a key", e);
        }
    }

    private static KeyUnavailableException silent(URI place, Throwable e) {
        return new KeyUnavailableException(
                "the key service at `" + place.getAuthority() + "` does not answer: " + said(e), e);
    }

    // What the client says of a value that no header can have would show it.
    private static void add(HttpRequest.Builder request, String name, String value) {
        try {
            request.header(name, value);
        } catch (IllegalArgumentException e) {
            throw new KeyUnavailableException("`" + name + "` cannot be sent as it is", null);
        }
    }

    private static String said(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    @Override
    public void close() {
        client.close();
    }
}

package atlas.identity;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Fetches over {@code https:} from servers that given anchors vouch for, and reads {@code file:}.
 * At most five seconds and 256 KiB, TLS 1.3, no redirect, no proxy, no plain HTTP. Thread-safe.
 */
public final class JwksFetcher implements JwksSource.Channel, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MAX_BYTES = 256 << 10;

    private final Supplier<SSLContext> trust;
    private final Object lock = new Object();
    private @Nullable HttpClient client;
    private boolean closed;

    private JwksFetcher(Supplier<SSLContext> trust) {
        this.trust = trust;
    }

    // Made by the first fetch: an installation without issuers never pays for it.
    private HttpClient client() throws IOException {
        synchronized (lock) {
            if (closed) {
                throw new IOException("closed");
            }
            HttpClient made = client == null ? open() : client;
            client = made;
            return made;
        }
    }

    private HttpClient open() throws IOException {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3"});
        try {
            return HttpClient.newBuilder()
                    .sslContext(trust.get())
                    .sslParameters(parameters)
                    .connectTimeout(PATIENCE)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .build();
        } catch (IdentityException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * Trusts servers under these anchors and no others.
     *
     * @throws IdentityException when there are none
     */
    public static JwksFetcher trusting(List<X509Certificate> anchors) {
        if (anchors.isEmpty()) {
            throw new IdentityException("an issuer's server needs at least one trust anchor", null);
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < anchors.size(); i++) {
                store.setCertificateEntry("anchor" + i, anchors.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return new JwksFetcher(() -> context);
        } catch (GeneralSecurityException | IOException e) {
            throw new IdentityException("trust anchors for issuers could not be used", e);
        }
    }

    /** Trusts servers under the anchors the Java runtime came with. */
    public static JwksFetcher trustingRuntime() {
        return new JwksFetcher(JwksFetcher::runtimeTrust);
    }

    private static SSLContext runtimeTrust() {
        try {
            return SSLContext.getDefault();
        } catch (GeneralSecurityException e) {
            throw new IdentityException("the runtime's trust anchors could not be used", e);
        }
    }

    @Override
    public byte[] fetch(URI place) throws IOException {
        return switch (String.valueOf(place.getScheme())) {
            case "https" -> overHttps(place);
            case "file" -> fromFile(Path.of(place));
            default -> throw new IOException("only https: and file: places are read");
        };
    }

    private static byte[] fromFile(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException("more than " + MAX_BYTES + " bytes");
            }
            return bytes;
        }
    }

    private byte[] overHttps(URI place) throws IOException {
        Answer answer = send(request(place).GET().build());
        if (answer.status() != 200) {
            throw new IOException("status " + answer.status());
        }
        return answer.body();
    }

    @Override
    public Answer call(URI place, Map<String, String> headers, String form) throws IOException {
        if (!"https".equals(place.getScheme())) {
            throw new IOException("only https: places are called");
        }
        HttpRequest.Builder request = request(place);
        headers.forEach(request::header);
        if (form.isEmpty()) {
            request.GET();
        } else {
            request.header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(form));
        }
        return send(request.build());
    }

    private static HttpRequest.Builder request(URI place) {
        return HttpRequest.newBuilder(place)
                .timeout(PATIENCE)
                .header("Accept", "application/json, */*;q=0.5");
    }

    private Answer send(HttpRequest request) throws IOException {
        CompletableFuture<HttpResponse<byte[]>> sent =
                client().sendAsync(
                                request,
                                BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
        try {
            // The request's own timeout ends with the head; this one covers a body that drips.
            HttpResponse<byte[]> response = sent.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(response.statusCode(), response.body());
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + PATIENCE.toSeconds() + "s", e);
        } catch (ExecutionException e) {
            throw new IOException("not fetched: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            sent.cancel(true);
        }
    }

    /** Gives its connections back. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            if (client != null) {
                client.shutdownNow();
            }
        }
    }
}

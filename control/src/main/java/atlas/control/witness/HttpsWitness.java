package atlas.control.witness;

import atlas.journal.witness.WitnessDoor;
import atlas.runtime.http.Headers;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import atlas.runtime.http.UpstreamResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A witness at an HTTPS address: TLS 1.3 to that host and no other, no redirect followed, answers
 * bounded in time and size. Shows our certificate to witnesses that ask for one.
 */
final class HttpsWitness implements WitnessDoor, AutoCloseable {
    private static final int MAX_ANSWER = 256 << 10;
    private static final int HTTPS = 443;
    private static final long RENEWAL_NANOS = Duration.ofHours(1).toNanos();

    private final String prefix;
    private final Upstream upstream;
    private final Supplier<TlsIdentity> identity;
    private final Duration timeout;

    /** Guarded by this. */
    private long renewed = System.nanoTime();

    private HttpsWitness(
            String prefix, Upstream upstream, Supplier<TlsIdentity> identity, Duration timeout) {
        this.prefix = prefix;
        this.upstream = upstream;
        this.identity = identity;
        this.timeout = timeout;
    }

    /**
     * The way to a submission prefix; nothing is opened yet.
     *
     * @param caller who we are there
     * @throws IllegalArgumentException when it is no HTTPS URL of a host
     */
    static HttpsWitness at(
            String url,
            Supplier<TlsIdentity> caller,
            List<X509Certificate> anchors,
            Duration timeout) {
        URI uri = parsed(url);
        Supplier<TlsIdentity> identity =
                () -> {
                    TlsIdentity own = caller.get();
                    return new TlsIdentity(own.key(), own.chain(), anchors);
                };
        UpstreamConfig config =
                new UpstreamConfig(
                        "witness " + uri.getAuthority(),
                        uri.getHost(),
                        uri.getPort() < 0 ? HTTPS : uri.getPort(),
                        Optional.of(identity.get()),
                        Optional.empty(),
                        timeout,
                        timeout,
                        Duration.ofSeconds(60),
                        2,
                        Optional.empty());
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        String prefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return new HttpsWitness(prefix, Upstream.open(config), identity, timeout);
    }

    private static URI parsed(String url) {
        try {
            URI uri = new URI(url);
            boolean https =
                    "https".equals(String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT));
            boolean bare =
                    uri.getRawQuery() == null
                            && uri.getRawFragment() == null
                            && uri.getRawUserInfo() == null;
            if (https && bare && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("`" + url + "` is not a URL", e);
        }
        throw new IllegalArgumentException(
                "`"
                        + url
                        + "` is not the address of a witness; write `https://host[:port][/path]`");
    }

    @Override
    public Reply add(byte[] body) throws IOException {
        return send("POST", "/add-checkpoint", Headers.of("content-type", "text/plain"), body);
    }

    @Override
    public Reply latest(String originHash) throws IOException {
        return send("GET", "/" + originHash + "/checkpoint", Headers.none(), new byte[0]);
    }

    private Reply send(String method, String path, Headers headers, byte[] body)
            throws IOException {
        renew();
        try (UpstreamResponse response =
                upstream.send(method, prefix + path, headers, body, timeout)) {
            return new Reply(
                    response.status(),
                    response.headers().first("content-type").orElse(""),
                    response.body(MAX_ANSWER));
        }
    }

    /** Our certificate is a fresh one long before the last ends. */
    private synchronized void renew() {
        if (System.nanoTime() - renewed > RENEWAL_NANOS) {
            renewed = System.nanoTime();
            upstream.reload(identity.get());
        }
    }

    @Override
    public void close() {
        upstream.close();
    }
}

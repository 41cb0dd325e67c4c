package atlas.runtime.http;

import atlas.core.WorkloadId;
import atlas.runtime.tls.PeerTrust;
import atlas.runtime.tls.TlsContexts;
import atlas.runtime.wire.EventLoops;
import atlas.runtime.wire.Http1Client;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A pooled HTTP/1.1 client over TLS 1.3 with a client certificate; plaintext only to a loopback
 * address or a unix socket. The peer must be the expected workload or host.
 *
 * <p>A call is sent once. Only when a pooled connection turns out closed before a byte was sent is
 * another one tried. Answers are parsed as strictly as requests: no close-delimited bodies, no
 * HTTP/1.0. Thread-safe; {@link #send} blocks and suits virtual threads.
 */
public final class Upstream implements AutoCloseable {
    /** A snapshot of the connections and of how the last attempt to open one went. */
    public record Health(boolean reachable, int open, int inUse, String lastFailure) {}

    private static final CompletionStage<?> NOW = CompletableFuture.completedFuture(true);

    private final UpstreamConfig config;
    private final Egress egress;
    private final String authority;
    private final ConnectionPool pool;
    private volatile @Nullable SslContext tls;
    private volatile String lastFailure = "";

    private Upstream(UpstreamConfig config, Egress egress) {
        this.config = config;
        this.egress = egress;
        this.authority = authority(config);
        this.tls = context(config.tls(), config);
        this.pool = new ConnectionPool(config.name(), config.maxConnections(), this::connect);
    }

    /** Checks the configuration and opens nothing yet; unusable TLS is an EdgeException. */
    public static Upstream open(UpstreamConfig config) {
        return open(config, Egress.ANYWHERE);
    }

    /** The same, to where egress is permitted only. */
    public static Upstream open(UpstreamConfig config, Egress egress) {
        return new Upstream(config, egress);
    }

    /**
     * Later calls use another identity and trust, calls under way keep theirs. An unusable identity
     * is an {@link EdgeException} and changes nothing.
     */
    public void reload(TlsIdentity identity) {
        if (config.tls().isEmpty()) {
            throw new IllegalStateException("`" + config.name() + "` does not use TLS");
        }
        tls = context(Optional.of(identity), config);
        pool.renew();
    }

    /**
     * Sends and blocks until the response head is here; {@code deadline} covers the whole answer.
     */
    public UpstreamResponse send(
            String method, String path, Headers headers, byte[] body, Duration deadline)
            throws UpstreamException {
        return send(method, path, headers, body, deadline, NOW);
    }

    /**
     * The same, but not a byte of the call is sent before {@code ready} completes, and none when it
     * fails: then its failure is thrown. The event loop sends; no thread has to wake up for it.
     */
    public UpstreamResponse send(
            String method,
            String path,
            Headers headers,
            byte[] body,
            Duration deadline,
            CompletionStage<?> ready)
            throws UpstreamException {
        checkTarget(method, path);
        long now = System.nanoTime();
        long endBy = now + deadline.toNanos();
        long headBy = now + Math.min(config.responseTimeout().toNanos(), deadline.toNanos());
        Http1Client.Request request =
                new Http1Client.Request(method, path, authority, headers.flat(), body);
        EventLoop loop = EdgeExchange.LOOP.isBound() ? EdgeExchange.LOOP.get() : EventLoops.next();
        while (true) {
            long patience = Math.min(config.connectTimeout().toNanos(), endBy - System.nanoTime());
            Http1Client client = pool.lease(loop, Math.max(0, patience));
            PooledResponse response = new PooledResponse(config.name(), client);
            var unused =
                    ready.whenComplete((_, no) ->
                            client.loop()
                                    .execute(() -> {
                                        if (no == null) {
                                            client.send(request, response, headBy, endBy);
                                        } else {
                                            response.unsent(no);
                                            pool.free(client);
                                        }
                                    }));
            try {
                response.awaitHead();
                return response;
            } catch (PooledResponse.Stale e) {
                // Nothing was sent, so the call may be tried again without being made twice.
                client.loop()
                        .execute(() -> {
                            client.close();
                            pool.closed(client);
                        });
                if (System.nanoTime() - endBy > 0) {
                    throw new UpstreamException(
                            UpstreamException.Kind.TIMEOUT,
                            "`" + config.name() + "` kept closing its connections");
                }
            }
        }
    }

    private Http1Client connect(EventLoop loop) throws UpstreamException {
        try {
            Http1Client client =
                    Dial.open(
                            config,
                            egress,
                            tls,
                            loop,
                            () -> new Http1Client(pool, config.idleTimeout().toNanos()));
            lastFailure = "";
            return client;
        } catch (UpstreamException e) {
            lastFailure = String.valueOf(e.getMessage());
            throw e;
        }
    }

    private static void checkTarget(String method, String path) {
        boolean good = !method.isEmpty() && path.startsWith("/");
        for (int i = 0; i < method.length(); i++) {
            good &= method.charAt(i) >= 'A' && method.charAt(i) <= 'Z';
        }
        for (int i = 0; i < path.length(); i++) {
            good &= path.charAt(i) > ' ' && path.charAt(i) < 127 && path.charAt(i) != '#';
        }
        if (!good) {
            throw new IllegalArgumentException("not a request target: `" + path + "`");
        }
    }

    /** How the upstream looks from here. */
    public Health health() {
        String failure = lastFailure;
        return new Health(failure.isEmpty(), pool.open(), pool.inUse(), failure);
    }

    /** Closes idle connections; those in use close when their call ends. */
    @Override
    public void close() {
        pool.close();
    }

    private static String authority(UpstreamConfig config) {
        if (config.unixSocket().isPresent()) {
            return "localhost";
        }
        String host = config.host().indexOf(':') >= 0 ? "[" + config.host() + "]" : config.host();
        return host + ":" + config.port();
    }

    private static @Nullable SslContext context(
            Optional<TlsIdentity> identity, UpstreamConfig config) {
        if (identity.isEmpty()) {
            return null;
        }
        TlsIdentity tls = identity.get();
        PeerTrust trust =
                config.expectedPeer()
                        .map(WorkloadId::uri)
                        .map(uri -> PeerTrust.ofWorkload(tls.trust(), tls.bundles(), uri))
                        .orElseGet(() -> PeerTrust.ofHost(tls.trust(), config.host()));
        try {
            return TlsContexts.client(tls.key(), tls.chain(), trust);
        } catch (SSLException | IllegalArgumentException e) {
            throw new EdgeException("the TLS identity cannot be used", e);
        }
    }
}

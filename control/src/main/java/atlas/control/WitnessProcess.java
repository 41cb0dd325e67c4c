package atlas.control;

import atlas.control.witness.WitnessPages;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeException;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.HttpEdge;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A witness in a process of its own: C2SP tlog-witness over HTTPS.
 *
 * <p>The protocol knows no credential: whoever asks is answered with a refusal, or with a signature
 * on what is provably consistent. Owns what it starts, not the home. {@link #close} drains.
 */
public final class WitnessProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WitnessProcess.class);

    /** 63 hashes and a checkpoint with a hundred signature lines of the largest kind fit. */
    private static final int MAX_BODY = 384 << 10;

    private final WitnessConfig config;
    private final HttpEdge edge;
    private final Lifecycle owned;

    private WitnessProcess(WitnessConfig config, HttpEdge edge, Lifecycle owned) {
        this.config = config;
        this.edge = edge;
        this.owned = owned;
    }

    /** Starts listening; returns when calls are answered. */
    public static WitnessProcess start(WitnessHome home) {
        WitnessConfig config = home.config();
        Lifecycle owned = new Lifecycle();
        HttpEdge edge =
                owned.own(HttpEdge.start(edge(config, home), new WitnessPages(home.witness())));
        owned.own(renewal(config, home, edge));
        return new WitnessProcess(config, edge, owned);
    }

    private static EdgeConfig edge(WitnessConfig config, WitnessHome home) {
        EdgeLimits usual = EdgeLimits.defaults();
        EdgeLimits limits =
                new EdgeLimits(
                        8 << 10,
                        MAX_BODY,
                        usual.handshakeTimeout(),
                        usual.headerTimeout(),
                        Duration.ofSeconds(10),
                        usual.idleTimeout(),
                        usual.writeTimeout(),
                        256,
                        32,
                        8);
        return new EdgeConfig(
                "witness",
                new InetSocketAddress(config.listenAddress(), config.listenPort()),
                home.server(),
                config.clientCa().isPresent() ? ClientAuth.REQUIRED : ClientAuth.NONE,
                limits);
    }

    private static AutoCloseable renewal(WitnessConfig config, WitnessHome home, HttpEdge edge) {
        ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("witness-renewal").factory());
        long minutes = config.certificateLifetime().dividedBy(2).toMinutes();
        timer.scheduleWithFixedDelay(
                () -> {
                    try {
                        edge.reload(home.server());
                    } catch (EdgeException e) {
                        LOG.atError().setCause(e).log("certificate not renewed");
                    }
                },
                minutes,
                minutes,
                TimeUnit.MINUTES);
        return timer::shutdownNow;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return edge.address();
    }

    /** Lets calls under way finish, then ends. */
    @Override
    public void close() {
        edge.drain(config.drainPatience());
        owned.close();
    }
}

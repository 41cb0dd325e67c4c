package atlas.control;

import atlas.control.enrol.Issuer;
import atlas.control.link.Calls;
import atlas.control.link.FollowedGrants;
import atlas.control.link.FollowedKeys;
import atlas.control.link.FollowedModels;
import atlas.control.link.FollowedPolicy;
import atlas.control.link.FollowedState;
import atlas.control.link.FollowedTokens;
import atlas.control.wire.Wire;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.WorkloadId;
import atlas.identity.ApiKeyStore;
import atlas.identity.ApiKeys;
import atlas.identity.ApiKeys.Cadence;
import atlas.identity.CertificateAuthority.Request;
import atlas.identity.revocation.Revocations;
import atlas.identity.token.AtlasTokens.Delegated;
import atlas.identity.token.TokenExchange.Signing;
import atlas.policy.GrantStore;
import atlas.policy.PolicyDecisionPoint;
import atlas.registry.FetchedModels;
import atlas.registry.ServingModels;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import atlas.vault.ReleasedObjects;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control plane as a gateway or node of another process knows it: keys, grants and models as it
 * said last, which hold for a bounded time; models' ciphertext and keys, asked for when a model is
 * loaded; renewed certificates. Thread-safe.
 */
public final class ControlLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlLink.class);

    private final WorkloadHome home;
    private final Lifecycle parts = new Lifecycle();
    private final Upstream upstream;
    private final Calls calls;
    private final FollowedState followed;
    private final FollowedTokens tokens;
    private final FollowedKeys keys;
    private final FollowedModels models;
    private final Clock clock;
    private volatile InetSocketAddress address = InetSocketAddress.createUnresolved("", 0);

    /** Opens nothing yet; {@code maxAge} is how long the control plane's word holds. */
    public ControlLink(WorkloadHome home, Duration maxAge, Clock clock) {
        this.home = home;
        this.clock = clock;
        Membership member = home.membership();
        upstream =
                parts.own(
                        Upstream.open(
                                new UpstreamConfig(
                                        "control",
                                        member.control().host(),
                                        member.control().port(),
                                        Optional.of(home.client()),
                                        Optional.of(new WorkloadId(home.trustDomain(), "/control")),
                                        Duration.ofSeconds(5),
                                        Duration.ofSeconds(15),
                                        Duration.ofSeconds(60),
                                        64,
                                        Optional.empty())));
        calls = new Calls(upstream, member.statementKey());
        tokens = new FollowedTokens(new Link(), maxAge, clock);
        followed = parts.own(new FollowedState(calls, this::about, tokens, maxAge, clock));
        keys = new FollowedKeys(followed);
        models = new FollowedModels(followed, clock);
    }

    /** Where tokens are ordered, and what is in force is heard at once. */
    private final class Link implements Signing {
        @Override
        public Answer sign(byte[] order) {
            return calls.token(order);
        }

        @Override
        public boolean refresh() {
            return followed.refresh();
        }
    }

    private FollowedState.About about() {
        Map<String, Instant> uses = keys.takeUses();
        return new FollowedState.About(address.getHostString(), address.getPort(), uses);
    }

    /**
     * Begins to follow, and to renew certificates at half their life.
     *
     * @param advertised where this workload listens, as the control plane reaches it
     * @param renewed told when the home has other certificates
     */
    public void start(InetSocketAddress advertised, Runnable renewed) {
        address = advertised;
        followed.start();
        ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("certificate-renewal").factory());
        parts.own(timer::shutdownNow);
        // Looked at often: what was due while this or the control plane was down is caught up.
        long period = Math.clamp(home.membership().renewAfter().toSeconds() / 20, 1, 60);
        timer.scheduleWithFixedDelay(() -> renewIfDue(renewed), 1, period, TimeUnit.SECONDS);
    }

    private void renewIfDue(Runnable renewed) {
        Membership member = home.membership();
        Instant ends = member.server().chain().getFirst().getNotAfter().toInstant();
        if (!clock.instant().isBefore(ends.minus(member.renewAfter()))) {
            renew(renewed);
        }
    }

    void renew(Runnable renewed) {
        try {
            home.renewed(home.own().isPresent() ? shownAnew() : allAnew());
            reload();
            renewed.run();
        } catch (RuntimeException e) {
            // The certificates in use hold for as long again; the next try comes soon.
            LOG.atError().setCause(e).log("certificates not renewed");
        }
    }

    private Membership allAnew() {
        KeyPair server = Request.freshKey();
        KeyPair client = Request.freshKey();
        Issuer.Chains chains = calls.renew(server, client);
        Membership member = home.membership();
        var root = member.server().trust();
        return member.with(
                new TlsIdentity(server.getPrivate(), chains.server(), root),
                new TlsIdentity(client.getPrivate(), chains.workload(), root));
    }

    /** Its SVID renews itself; what people's clients are shown does not. */
    private Membership shownAnew() {
        KeyPair server = Request.freshKey();
        JsonNode welcome = Calls.enrol(upstream, server);
        Membership member = home.membership();
        TlsIdentity fresh =
                new TlsIdentity(
                        server.getPrivate(),
                        Wire.chain(welcome, "server"),
                        member.server().trust());
        return member.with(fresh, fresh);
    }

    /** Calls with the identity that the home has now. */
    public void reload() {
        upstream.reload(home.client());
    }

    /** Waits for the first word of the control plane; false when it took longer. */
    public boolean awaitFirst(Duration patience) throws InterruptedException {
        return followed.awaitFirst(patience);
    }

    /** Whether what the control plane said last still holds. */
    public boolean current() {
        return followed.current();
    }

    /** API keys, checked here and changed there. */
    public ApiKeys apiKeys(Cadence cadence) {
        ApiKeyStore store = keys;
        return ApiKeys.following(store, keys::pepper, cadence, clock);
    }

    /** Tokens the control plane signs: checked here, ordered there. */
    public Delegated tokens() {
        return tokens.tokens();
    }

    /** What is taken back. */
    public Revocations revocations() {
        return tokens.revocations();
    }

    /** What decides: grants and policy file, as they are there. */
    public PolicyDecisionPoint policy() {
        return new FollowedPolicy(followed, new FollowedGrants(followed), clock);
    }

    /**
     * The roles that mean something there now.
     *
     * @throws atlas.policy.PolicyException when that is not known here yet
     */
    public Set<Role> roles() {
        return new FollowedPolicy(followed, new FollowedGrants(followed), clock).roles();
    }

    GrantStore grants() {
        return new FollowedGrants(followed);
    }

    public ServingModels models() {
        return models;
    }

    /** Models as a node loads them: ciphertext from there, kept here, verified here. */
    public FetchedModels fetchedModels() {
        return new FetchedModels(
                home.folder("models"),
                calls,
                models::signers,
                new ReleasedObjects(calls, Principal.DEFAULT_TENANT),
                home.journal(),
                clock);
    }

    @Override
    public void close() {
        parts.close();
    }
}

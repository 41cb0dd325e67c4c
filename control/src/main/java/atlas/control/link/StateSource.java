package atlas.control.link;

import atlas.control.enrol.Enrolments;
import atlas.control.enrol.Workload;
import atlas.control.policies.PolicyBook;
import atlas.control.wire.Wire;
import atlas.core.Sensitive;
import atlas.identity.ApiKey;
import atlas.identity.ApiKeyStore;
import atlas.identity.revocation.Revocations;
import atlas.identity.token.AtlasTokens;
import atlas.policy.GrantStore;
import atlas.registry.DeployedModels;
import atlas.registry.ModelRegistry;
import atlas.registry.TrustedSigners;
import java.security.PrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The control plane's side of what others follow: numbers every change of keys, grants and
 * deployments, and gives whoever asks the state that is in force, as soon as it is another than the
 * one they have. Thread-safe; {@link #news} blocks up to its patience.
 */
public final class StateSource implements AutoCloseable {
    private final Sources sources;
    private final PrivateKey signer;
    private final Clock clock;
    private final String instance;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Not the lock of those who tell of a change: writing a large state down takes its time.
    private final ReentrantLock writing = new ReentrantLock();
    private final Map<Workload.Role, Written> written =
            new EnumMap<>(Workload.Role.class); // writing
    private byte[] tokenKeys; // lock
    private long version = 1; // lock
    private boolean closed; // lock

    /** Where the state comes from. */
    public record Sources(
            Sensitive<byte[]> pepper,
            ApiKeyStore keys,
            GrantStore grants,
            PolicyBook policies,
            ModelRegistry registry,
            TrustedSigners signers,
            Enrolments enrolments,
            Revoking revoking) {}

    /** Tokens, and what is taken back of them and of everything else. */
    public record Revoking(AtlasTokens tokens, Revocations revocations) {}

    /** A signed statement as it goes out. */
    public record Signed(byte[] statement, byte[] signature) {}

    /** Nothing more is told here: whoever asks is to ask again, of whoever comes after. */
    static final class Ending extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Ending(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private record Written(long version, byte[] state) {}

    /** Begins to listen to its sources; {@code signer} is whose statements the others believe. */
    public StateSource(Sources sources, PrivateKey signer, Clock clock) {
        this.sources = sources;
        this.signer = signer;
        this.clock = clock;
        byte[] unique = new byte[8];
        new java.security.SecureRandom().nextBytes(unique);
        instance = HexFormat.of().formatHex(unique);
        tokenKeys = sources.revoking.tokens.jwks();
        sources.keys.onChange(this::change);
        sources.grants.onChange(this::change);
        sources.policies.policies().onChange(this::change);
        sources.registry.onChange(this::change);
        sources.enrolments.onChange(this::change);
        sources.revoking.revocations.onChange(_ -> change());
    }

    private void change() {
        lock.lock();
        try {
            version++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * What is in force, when that is another state than the one named or as soon as it is; after
     * {@code patience}, that the one named still is.
     */
    public Signed news(Workload.Role who, String ofInstance, long after, Duration patience) {
        noticeKeys();
        long current = awaitNews(ofInstance, after, patience);
        boolean known = ofInstance.equals(instance) && after == current;
        Optional<byte[]> state = known ? Optional.empty() : Optional.of(state(who, current));
        byte[] statement = Statement.json(instance, current, clock.instant(), state);
        return new Signed(statement, Statement.sign(signer, statement));
    }

    // Signing keys are replaced when one is needed, and nobody says so; asking is what notices.
    private void noticeKeys() {
        byte[] now = sources.revoking.tokens.jwks();
        lock.lock();
        try {
            if (!Arrays.equals(now, tokenKeys)) {
                tokenKeys = now;
                change();
            }
        } finally {
            lock.unlock();
        }
    }

    private State.Tokens tokens() {
        AtlasTokens tokens = sources.revoking.tokens;
        return new State.Tokens(tokens.issuer(), Wire.text(tokens.jwks()), tokens.statement());
    }

    private long awaitNews(String ofInstance, long after, Duration patience) {
        long left = patience.toNanos();
        lock.lock();
        try {
            while (!closed && left > 0 && ofInstance.equals(instance) && after == version) {
                left = changed.awaitNanos(left);
            }
            if (closed) {
                throw new Ending("the control plane is ending", null);
            }
            return version;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Ending("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    // INVARIANT: the number is read before what it numbers, so a state is never older than its
    // number says; a change in between has a number of its own and is sent again.
    private byte[] state(Workload.Role who, long current) {
        writing.lock();
        try {
            Written there = written.get(who);
            if (there == null || there.version != current) {
                there = new Written(current, read(who).json());
                written.put(who, there);
            }
            return there.state;
        } finally {
            writing.unlock();
        }
    }

    private State read(Workload.Role who) {
        Optional<State.Access> access =
                switch (who) {
                    case GATEWAY ->
                            Optional.of(
                                    new State.Access(
                                            sources.pepper,
                                            shared(sources.keys.all()),
                                            sources.grants.all(),
                                            sources.policies.policies().current().text(),
                                            sources.policies.segments(),
                                            sources.policies.risks().marks(),
                                            tokens()));
                    case NODE -> Optional.empty();
                };
        return new State(access, new DeployedModels(sources.registry.deployed()), sources.signers);
    }

    // Each gateway counts for itself, so each may give out its share only: together they give out
    // what a key may use and no more.
    private List<ApiKey> shared(List<ApiKey> keys) {
        long gateways =
                sources.enrolments.list().stream()
                        .filter(w -> w.role() == Workload.Role.GATEWAY)
                        .count();
        return gateways < 2
                ? keys
                : keys.stream().map(key -> key.limitedTo(key.limits().share(gateways))).toList();
    }

    /** Notes uses of keys that a gateway saw. */
    public void used(Map<String, java.time.Instant> uses) {
        uses.forEach(sources.keys::touched);
    }

    /** Sends everybody away who waits. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}

package atlas.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one issuer. Known keys are found without waiting; an unknown key id causes at most
 * one fetch per ten seconds, whoever asks. Keys not confirmed for a day are not used.
 */
final class IssuerKeys {
    private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);
    private static final Duration AGAIN = Duration.ofSeconds(10);
    private static final Duration STALE = Duration.ofHours(24);
    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 8192;
    private static final int MAX_KEYS = 100;

    private final JwtIssuerConfig config;
    private final JwksSource source;
    private final Clock clock;
    private final ReentrantLock fetching = new ReentrantLock();
    private volatile State state = new State(List.of(), Set.of(), null, null, 0);

    IssuerKeys(JwtIssuerConfig config, JwksSource source, Clock clock) {
        this.config = config;
        this.source = source;
        this.clock = clock;
    }

    /** A public key and the algorithms it verifies. */
    record Key(@Nullable String id, Set<String> algorithms, JWSVerifier verifier) {}

    // The generation counts how often a key disappeared; what such a key verified is forgotten.
    private record State(
            List<Key> keys,
            Set<String> thumbprints,
            @Nullable Instant fetched,
            @Nullable Instant tried,
            long generation) {
        boolean failedLast() {
            return fetched == null || !fetched.equals(tried);
        }

        boolean staleAt(Instant now) {
            return fetched == null || now.isAfter(fetched.plus(STALE));
        }
    }

    /** What is known about a key id. */
    sealed interface Lookup {
        record Found(List<Key> keys, long generation) implements Lookup {}

        /** The issuer was asked and does not have it. */
        record Unknown() implements Lookup {}

        /** The issuer could not be asked. */
        record Unreachable() implements Lookup {}
    }

    JwtIssuerConfig config() {
        return config;
    }

    boolean stillTrusts(long generation, Instant now) {
        State current = state;
        return current.generation == generation && !current.staleAt(now);
    }

    Lookup find(@Nullable String keyId, String algorithm) {
        Instant now = clock.instant();
        State current = state;
        List<Key> keys = current.staleAt(now) ? List.of() : matching(current, keyId, algorithm);
        if (keys.isEmpty() && mayTry(current, now)) {
            current = fetch(false);
            keys = current.staleAt(now) ? List.of() : matching(current, keyId, algorithm);
        }
        if (!keys.isEmpty()) {
            return new Lookup.Found(keys, current.generation);
        }
        return current.failedLast() ? new Lookup.Unreachable() : new Lookup.Unknown();
    }

    /** As {@link #find}, without asking the issuer: unreachable where it would have to be asked. */
    Lookup known(@Nullable String keyId, String algorithm) {
        Instant now = clock.instant();
        State current = state;
        List<Key> keys = current.staleAt(now) ? List.of() : matching(current, keyId, algorithm);
        if (!keys.isEmpty()) {
            return new Lookup.Found(keys, current.generation);
        }
        return mayTry(current, now) || current.failedLast()
                ? new Lookup.Unreachable()
                : new Lookup.Unknown();
    }

    void refresh() {
        fetch(true);
    }

    private static boolean mayTry(State state, Instant now) {
        return state.tried == null || now.isAfter(state.tried.plus(AGAIN));
    }

    private static List<Key> matching(State state, @Nullable String keyId, String algorithm) {
        List<Key> fit = new ArrayList<>(1);
        for (Key key : state.keys) {
            if (key.algorithms.contains(algorithm) && (keyId == null || keyId.equals(key.id))) {
                fit.add(key);
            }
        }
        // Without a key id only an unambiguous key will do: no trying one after the other.
        return keyId == null && fit.size() > 1 ? List.of() : fit;
    }

    private State fetch(boolean anyway) {
        fetching.lock();
        try {
            Instant now = clock.instant();
            State before = state;
            if (!anyway && !mayTry(before, now)) {
                return before;
            }
            try {
                state = read(before, now);
            } catch (IOException | ParseException e) {
                LOG.atWarn()
                        .addKeyValue("issuer", config.issuer())
                        .addKeyValue("cause", e.getMessage())
                        .log("issuer keys not fetched");
                state =
                        new State(
                                before.keys,
                                before.thumbprints,
                                before.fetched,
                                now,
                                before.generation);
            }
            return state;
        } finally {
            fetching.unlock();
        }
    }

    private State read(State before, Instant now) throws IOException, ParseException {
        byte[] bytes = source.fetch(Discovery.keysOf(config, source));
        JWKSet set = JWKSet.parse(new String(bytes, StandardCharsets.UTF_8));
        List<Key> keys = new ArrayList<>();
        Set<String> thumbprints = new HashSet<>();
        for (JWK jwk : set.getKeys()) {
            if (keys.size() < MAX_KEYS) {
                try {
                    Key key = usable(jwk);
                    if (key != null) {
                        keys.add(key);
                        thumbprints.add(key.id + "|" + jwk.computeThumbprint());
                    }
                } catch (JOSEException e) {
                    LOG.atWarn()
                            .addKeyValue("issuer", config.issuer())
                            .addKeyValue("kid", jwk.getKeyID())
                            .log("issuer key not usable");
                }
            }
        }
        if (keys.isEmpty()) {
            throw new IOException("the key set has no usable key");
        }
        boolean dropped = !thumbprints.containsAll(before.thumbprints);
        return new State(
                List.copyOf(keys),
                Set.copyOf(thumbprints),
                now,
                now,
                before.generation + (dropped ? 1 : 0));
    }

    private @Nullable Key usable(JWK jwk) throws JOSEException {
        boolean forSignatures =
                (jwk.getKeyUse() == null || jwk.getKeyUse().equals(KeyUse.SIGNATURE))
                        && (jwk.getKeyOperations() == null
                                || jwk.getKeyOperations().contains(KeyOperation.VERIFY));
        if (!forSignatures || jwk.isPrivate()) {
            return null;
        }
        Set<String> algorithms = new HashSet<>();
        JWSVerifier verifier;
        if (jwk instanceof RSAKey rsa) {
            int bits = rsa.size();
            if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
                return null;
            }
            verifier = new RSASSAVerifier(rsa);
        } else if (jwk instanceof ECKey ec) {
            verifier = new ECDSAVerifier(ec);
        } else {
            return null;
        }
        verifier.supportedJWSAlgorithms().forEach(a -> algorithms.add(a.getName()));
        algorithms.retainAll(config.algorithms());
        if (jwk.getAlgorithm() != null) {
            // A key that says what it is for is used for nothing else.
            algorithms.retainAll(Set.of(jwk.getAlgorithm().getName()));
        }
        return algorithms.isEmpty()
                ? null
                : new Key(jwk.getKeyID(), Set.copyOf(algorithms), verifier);
    }
}

package atlas.identity;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authentication.Unavailable;
import atlas.identity.revocation.Revocations;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Issues, checks, rotates and revokes API keys.
 *
 * <p>A secret leaves here once, as {@link Sensitive}; what is kept is its HMAC under the pepper,
 * compared in constant time. An unknown id costs the same hash and compare as a known one, and
 * nothing else about a key is looked at before its secret held. What is revoked is refused from the
 * next check on. Checking writes nothing: uses are noted in memory until {@link #flush}.
 * Thread-safe; blocks only where the store does.
 */
public final class ApiKeys {
    /** The longest a key may live. */
    public static final Duration MAX_LIFETIME = Duration.ofDays(366);

    private static final Duration TOUCH_STEP = Duration.ofSeconds(30);

    private final ApiKeyStore store;
    private final UnaryOperator<byte[]> keyedHash;
    private final Cadence cadence;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final ApiKey decoy;
    private volatile Consumer<ApiKey> whenRevoked = _ -> {};
    private final ConcurrentHashMap<String, Instant> used = new ConcurrentHashMap<>();

    /** Revoked in this process, whether or not the store could keep it. */
    private final Set<String> takenBack = ConcurrentHashMap.newKeySet();

    /** Keys that are rotated at the usual cadence. */
    public ApiKeys(ApiKeyStore store, Sensitive<byte[]> pepper, Clock clock) {
        this(store, pepper, Cadence.defaults(), clock);
    }

    /** The pepper is a secret of at least 32 bytes, kept apart from the store. */
    public ApiKeys(ApiKeyStore store, Sensitive<byte[]> pepper, Cadence cadence, Clock clock) {
        this(store, new KeyedHash(pepper), cadence, clock);
    }

    /**
     * For a process that follows the keys of another and only checks them.
     *
     * @param pepper asked at every check; throws {@link StoreUnavailableException} while it cannot
     *     be told
     */
    public static ApiKeys following(
            ApiKeyStore store, Supplier<Sensitive<byte[]>> pepper, Cadence cadence, Clock clock) {
        return new ApiKeys(store, new FollowedHash(pepper), cadence, clock);
    }

    ApiKeys(ApiKeyStore store, UnaryOperator<byte[]> keyedHash, Cadence cadence, Clock clock) {
        this.store = store;
        this.keyedHash = keyedHash;
        this.cadence = cadence;
        this.clock = clock;
        this.decoy = decoy(random);
    }

    /**
     * How often keys are rotated: a key that is older than its cadence works no more, whatever its
     * expiry says. A key of several roles has the shortest of theirs.
     *
     * @param usual for roles without a cadence of their own
     * @param warning how long before the end reminders begin, but never before the last quarter of
     *     a key's life
     */
    public record Cadence(Duration usual, Map<Role, Duration> byRole, Duration warning) {
        private static final Duration SHORTEST = Duration.ofHours(1);

        public Cadence {
            byRole = Map.copyOf(byRole);
            requireSensible(usual);
            byRole.values().forEach(Cadence::requireSensible);
            if (warning.isNegative()) {
                throw new IllegalArgumentException("`warn-before` is not negative");
            }
        }

        /** 90 days for every role, with reminders from 14 days before. */
        public static Cadence defaults() {
            return new Cadence(Duration.ofDays(90), Map.of(), Duration.ofDays(14));
        }

        /** When a key must have been rotated. */
        public Instant due(ApiKey key) {
            Duration shortest = null;
            for (Role role : key.roles()) {
                Duration of = byRole.getOrDefault(role, usual);
                shortest = shortest == null || of.compareTo(shortest) < 0 ? of : shortest;
            }
            return key.issued().plus(shortest == null ? usual : shortest);
        }

        /** When a key stops working: its expiry or the end of its cadence, whichever is first. */
        public Instant ends(ApiKey key) {
            Instant due = due(key);
            return due.isBefore(key.expires()) ? due : key.expires();
        }

        /** What is to be said of a key at that moment. */
        public Standing standing(ApiKey key, Instant now) {
            if (key.revoked().isPresent()) {
                return Standing.REVOKED;
            }
            if (!now.isBefore(key.expires())) {
                return Standing.EXPIRED;
            }
            if (!now.isBefore(due(key))) {
                return Standing.OVERDUE;
            }
            // Who has a successor needs no reminder: its end is what was wanted.
            return key.replacedBy().isEmpty() && !now.isBefore(warns(key))
                    ? Standing.DUE
                    : Standing.ACTIVE;
        }

        // A key of a day is not a thing to be reminded of all day long.
        private Instant warns(ApiKey key) {
            Instant ends = ends(key);
            Duration quarter = Duration.between(key.issued(), ends).dividedBy(4);
            return ends.minus(quarter.compareTo(warning) < 0 ? quarter : warning);
        }

        /** How a key stands. */
        public enum Standing {
            /** It works. */
            ACTIVE,
            /** It works, but soon will not: rotate it. */
            DUE,
            /** It was not rotated in time and works no more. */
            OVERDUE,
            /** Its time was over. */
            EXPIRED,
            /** It was taken back. */
            REVOKED
        }

        private static void requireSensible(Duration cadence) {
            if (cadence.compareTo(SHORTEST) < 0 || cadence.compareTo(MAX_LIFETIME) > 0) {
                throw new IllegalArgumentException(
                        "a cadence is between 1h and %d days, not `%s`"
                                .formatted(MAX_LIFETIME.toDays(), cadence));
            }
        }
    }

    /** What a new key is to be. */
    public record KeyRequest(
            String principal,
            Principal.Kind kind,
            String tenant,
            Set<Role> roles,
            List<Glob> models,
            KeyLimits limits,
            Duration lifetime,
            String note) {
        /** A key without limits of its own. */
        public KeyRequest(
                String principal,
                Principal.Kind kind,
                String tenant,
                Set<Role> roles,
                List<Glob> models,
                Duration lifetime,
                String note) {
            this(principal, kind, tenant, roles, models, KeyLimits.NONE, lifetime, note);
        }

        public KeyRequest {
            roles = Set.copyOf(roles);
            models = List.copyOf(models);
            if (!PrincipalName.isPlain(principal)) {
                throw new IllegalArgumentException(PrincipalName.refusal(principal));
            }
            if (tenant.isEmpty()) {
                throw new IllegalArgumentException("a key belongs to a tenant");
            }
            if (roles.isEmpty()) {
                throw new IllegalArgumentException("a key carries at least one role");
            }
            if (!lifetime.isPositive() || lifetime.compareTo(MAX_LIFETIME) > 0) {
                throw new IllegalArgumentException(
                        "a key lives between a moment and %d days, not `%s`; rotate it instead"
                                .formatted(MAX_LIFETIME.toDays(), lifetime));
            }
            if (note.length() > 500) {
                throw new IllegalArgumentException("a note has at most 500 characters");
            }
        }
    }

    /** A new key and, this once, its secret text. */
    public record Issued(ApiKey key, Sensitive<String> secret) {}

    /** Makes a key; durable when this returns. */
    public Issued issue(KeyRequest request) {
        Instant now = clock.instant();
        KeyText text = KeyText.random(random);
        ApiKey key =
                new ApiKey(
                        text.id(),
                        request.principal,
                        request.kind,
                        request.tenant,
                        request.roles,
                        request.models,
                        request.limits,
                        now,
                        now.plus(request.lifetime),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        request.note,
                        keyedHash.apply(text.proof()));
        store.put(key);
        return new Issued(key, Sensitive.of(text.text()));
    }

    /** Every key, with uses not yet flushed. */
    public List<ApiKey> list() {
        return store.all().stream().map(this::withUse).toList();
    }

    /** How often keys are rotated. */
    public Cadence cadence() {
        return cadence;
    }

    /** Runs {@code listener} after every change that may end what a key permits. */
    public void onChange(Runnable listener) {
        store.onChange(listener);
    }

    /** Told of every key that is taken back or made to end sooner than its tokens would. */
    public void onRevoked(Consumer<ApiKey> listener) {
        whenRevoked = listener;
    }

    /**
     * What a key of this id may use; empty when there is none.
     *
     * @throws StoreUnavailableException when that cannot be told
     */
    public Optional<KeyLimits> limits(String id) {
        return store.find(id).map(ApiKey::limits);
    }

    /** Whether a key works at this moment, wherever it is used from. */
    public boolean works(ApiKey key) {
        Instant now = clock.instant();
        return !isTakenBack(key) && now.isBefore(cadence.ends(key));
    }

    /** How many keys stand how at this moment. */
    public Map<Cadence.Standing, Integer> standings() {
        Instant now = clock.instant();
        Map<Cadence.Standing, Integer> counts = new EnumMap<>(Cadence.Standing.class);
        for (ApiKey key : store.all()) {
            counts.merge(cadence.standing(key, now), 1, Integer::sum);
        }
        return counts;
    }

    /**
     * Takes a key back from the next check on; empty when no key has this id. In force even when it
     * throws because the store cannot keep it: then it holds until the process ends and has to be
     * tried again. Whoever listens is told each time: the time before may have ended half way.
     */
    public synchronized Optional<ApiKey> revoke(String id) {
        Optional<ApiKey> found = store.find(id).map(this::withUse);
        if (found.isEmpty()) {
            return found;
        }
        takenBack.add(id);
        boolean kept = found.get().revoked().isPresent();
        ApiKey revoked = kept ? found.get() : found.get().revokedAt(clock.instant());
        try {
            if (!kept) {
                store.put(revoked);
            }
        } finally {
            whenRevoked.accept(revoked);
        }
        return Optional.of(revoked);
    }

    private boolean isTakenBack(ApiKey key) {
        return key.revoked().isPresent() || takenBack.contains(key.id());
    }

    /**
     * Issues a successor that lives as long as the old key was meant to; the old one works on for
     * the overlap, never beyond its own end. Empty when no key of this id works, or when it already
     * has a successor: a key has one, or a thief could quietly make another. A key that outlived
     * its cadence has a successor too, but no overlap: it works no more.
     */
    public synchronized Optional<Issued> rotate(String id, Duration overlap) {
        if (overlap.isNegative()) {
            throw new IllegalArgumentException("an overlap is not negative, got `" + overlap + "`");
        }
        Instant now = clock.instant();
        Optional<ApiKey> found = store.find(id).filter(key -> key.liveAt(now) && !isTakenBack(key));
        if (found.isEmpty() || found.get().replacedBy().isPresent()) {
            return Optional.empty();
        }
        ApiKey old = withUse(found.get());
        Issued next =
                issue(
                        new KeyRequest(
                                old.principal(),
                                old.kind(),
                                old.tenant(),
                                old.roles(),
                                old.models(),
                                old.limits(),
                                Duration.between(old.issued(), old.expires()),
                                old.note()));
        String successor = next.key().id();
        ApiKey ending =
                overlap.isZero()
                        ? old.replacedBy(successor, old.expires()).revokedAt(now)
                        : old.replacedBy(successor, earlier(old.expires(), now.plus(overlap)));
        store.put(ending);
        // Its tokens were made to live longer than it now does; whoever goes on with it gets
        // others,
        // which end with it.
        if (ending.revoked().isPresent() || overlap.compareTo(Revocations.TOKEN_MEMORY) < 0) {
            whenRevoked.accept(ending);
        }
        return Optional.of(next);
    }

    /** Writes noted uses to the store; whoever runs the process calls it about once a minute. */
    public void flush() {
        for (String id : used.keySet()) {
            Instant when = used.remove(id);
            if (when != null) {
                try {
                    store.touched(id, when);
                } catch (StoreUnavailableException e) {
                    used.merge(id, when, ApiKeys::later);
                    throw e;
                }
            }
        }
    }

    /**
     * Checks a key as presented.
     *
     * @param source the literal of the address it was presented from
     * @param arriving whether this is a use; false when a request under way is looked at again
     */
    Authentication authenticate(Sensitive<String> presented, String source, boolean arriving) {
        Optional<KeyText> parsed = KeyText.parse(presented.reveal());
        if (parsed.isEmpty()) {
            return new Rejected("key_malformed", "api key");
        }
        KeyText text = parsed.get();
        Optional<ApiKey> found;
        try {
            found = store.find(text.id());
        } catch (StoreUnavailableException e) {
            return new Unavailable("key store");
        }
        // The same steps whether the key is known or not; the decoy's bytes are no HMAC's.
        ApiKey key = found.orElse(decoy);
        if (!key.hashes(keyedHash.apply(text.proof()))) {
            String reason = found.isEmpty() ? "key_unknown" : "key_secret_wrong";
            return new Rejected(reason, "api key " + text.id());
        }
        if (found.isEmpty()) {
            return new Rejected("key_unknown", "api key " + text.id());
        }
        return proven(key, source, arriving);
    }

    /**
     * Judges once more a key that was presented before; for what was let in by it and goes on.
     *
     * @param source the literal of the address it is used from now
     */
    public Authentication again(String id, String source) {
        try {
            return store.find(id)
                    .map(key -> proven(key, source, false))
                    .orElseGet(() -> new Rejected("key_unknown", "api key " + id));
        } catch (StoreUnavailableException e) {
            return new Unavailable("key store");
        }
    }

    /** What is compared with where there is no key. */
    private static ApiKey decoy(SecureRandom random) {
        byte[] hash = new byte[32];
        random.nextBytes(hash);
        return new ApiKey(
                KeyText.random(random).id(),
                "nobody",
                Principal.Kind.SERVICE,
                Principal.DEFAULT_TENANT,
                Set.of(),
                List.of(),
                KeyLimits.NONE,
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(1),
                Optional.of(Instant.EPOCH),
                Optional.empty(),
                Optional.empty(),
                "",
                hash);
    }

    /** Judges a key whose holder has proved the secret. */
    private Authentication proven(ApiKey key, String source, boolean arriving) {
        String hint = "api key " + key.id();
        if (isTakenBack(key)) {
            return new Rejected("key_revoked", hint);
        }
        Instant now = clock.instant();
        if (!now.isBefore(key.expires())) {
            return new Rejected("key_expired", hint);
        }
        // Before anything is told to the holder: from elsewhere it may be a thief who asks.
        if (!key.limits().allowsFrom(source)) {
            return new Rejected("key_source", hint);
        }
        Instant due = cadence.due(key);
        if (!now.isBefore(due)) {
            return new Rejected("key_overdue", hint, Optional.of(overdue(key, due)));
        }
        if (arriving) {
            touch(key.id(), now);
        }
        return new Authenticated(
                new Principal(
                        key.principal(),
                        key.kind(),
                        key.tenant(),
                        key.roles(),
                        key.models(),
                        new Principal.Credential(
                                Principal.Credential.Kind.API_KEY,
                                key.id(),
                                key.issued(),
                                cadence.ends(key),
                                Optional.empty())));
    }

    private static String overdue(ApiKey key, Instant due) {
        String mend =
                key.replacedBy()
                        .map(successor -> "use its successor `" + successor + "`")
                        .orElse(
                                "have a security administrator run `atlas key rotate "
                                        + key.id()
                                        + "` and use the new key");
        return "the key `%s` was to be rotated by %s and works no more; %s"
                .formatted(key.id(), due, mend);
    }

    private void touch(String id, Instant now) {
        Instant last = used.get(id);
        if (last == null || now.isAfter(last.plus(TOUCH_STEP))) {
            used.put(id, now);
        }
    }

    private ApiKey withUse(ApiKey key) {
        Instant when = used.get(key.id());
        if (when == null || (key.lastUsed().isPresent() && !key.lastUsed().get().isBefore(when))) {
            return key;
        }
        return key.usedAt(when);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}

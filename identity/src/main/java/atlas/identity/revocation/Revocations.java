package atlas.identity.revocation;

import atlas.core.Glob;
import atlas.identity.revocation.Revocations.Revocation.Kind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is revoked, in memory. Asking never blocks and never touches a store.
 *
 * <p>The epoch is the number of the last change. Whoever remembers a verdict remembers the epoch
 * with it, and judges anew when the epoch is another. A change is in force before its epoch can be
 * read, and before any listener hears of it. Thread-safe.
 *
 * <p>There is one authority, which records what it revokes; others follow it by its signed
 * statements and know how old their knowledge is: when it is too old they can tell nothing, see
 * {@link #current}.
 */
public final class Revocations {
    /** The longest that a token of ours lives, with the clock difference allowed. */
    public static final Duration TOKEN_MEMORY = Duration.ofMinutes(16);

    /** The longest that anything else of a principal lives which is checked here. */
    public static final Duration PRINCIPAL_MEMORY = Duration.ofDays(367);

    /** Entries remembered; beyond, tokens are revoked all together instead of one by one. */
    static final int LIMIT = 100_000;

    private static final Duration FORGET_EVERY = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(Revocations.class);

    /**
     * One thing taken back.
     *
     * @param tenant whose it is
     * @param id of the token ({@code jti}), the principal, the API key, or the grant (see {@link
     *     #grant}); {@code *} for everything
     * @param since what was issued before this moment is worth nothing any more
     * @param until when nothing that it concerns can be alive, and it may be forgotten
     * @param epoch the number of this change; later changes have higher numbers
     * @param reason for the journal and the list; at most 200 characters
     */
    public record Revocation(
            Kind kind,
            String tenant,
            String id,
            Instant since,
            Instant until,
            long epoch,
            String reason) {
        /** What is taken back. */
        public enum Kind {
            /** One token, and every token exchanged for it. */
            TOKEN,
            /** Whatever a principal holds that was issued before: tokens, keys, certificates. */
            PRINCIPAL,
            /** Every token that a key was exchanged for. */
            KEY,
            /** Every token of a principal that carries the role. */
            GRANT,
            /** Every token of ours. */
            EVERYTHING;

            public String wireName() {
                return name().toLowerCase(Locale.ROOT);
            }

            public static Optional<Kind> ofWireName(String name) {
                for (Kind kind : values()) {
                    if (kind.wireName().equals(name)) {
                        return Optional.of(kind);
                    }
                }
                return Optional.empty();
            }
        }

        public Revocation {
            if (id.isEmpty() || id.length() > 600 || tenant.isEmpty()) {
                throw new IllegalArgumentException(
                        "a revocation names what it takes back, and whose");
            }
            if (reason.length() > 200) {
                throw new IllegalArgumentException("a reason has at most 200 characters");
            }
            if (until.isBefore(since)) {
                throw new IllegalArgumentException("a revocation ends after it begins");
            }
        }

        /** The id of a grant: a role of a principal, or of a pattern of principals. */
        public static String grant(String principal, String role) {
            return role + " " + principal;
        }

        /**
         * Whether something issued then is taken back. Times of issue may be cut to whole seconds,
         * so within one second the epoch at issue decides.
         */
        boolean ends(Instant issued, long issuedAtEpoch) {
            return issuedAtEpoch < epoch || issued.getEpochSecond() < since.getEpochSecond();
        }
    }

    /** Where an authority keeps what it revoked. */
    public interface Store {
        /** Everything kept, in any order. */
        List<Revocation> all();

        /** Keeps one, in place of the one of the same kind, tenant and id; durable on return. */
        void put(Revocation revocation);

        /** Forgets what has ended. */
        void forget(Collection<Revocation> ended);
    }

    private record Name(String tenant, String id) {}

    private record Pattern(String tenant, String role, Glob principal, Revocation revocation) {}

    private final Map<Kind, ConcurrentHashMap<Name, Revocation>> entries =
            new EnumMap<>(Kind.class);
    private final CopyOnWriteArrayList<Pattern> patterns = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<Consumer<Revocation>> listeners =
            new CopyOnWriteArrayList<>();
    private final Store store;
    private final Optional<Duration> maxAge;
    private final Clock clock;
    private final ReentrantLock keeping = new ReentrantLock();
    private volatile long epoch;
    private volatile Instant asOf = Instant.EPOCH;
    private Instant nextEnd = Instant.EPOCH; // under the lock of changes

    private Revocations(Store store, Optional<Duration> maxAge, Clock clock) {
        this.store = store;
        this.maxAge = maxAge;
        this.clock = clock;
        for (Kind kind : Kind.values()) {
            entries.put(kind, new ConcurrentHashMap<>());
        }
        store.all().stream()
                .sorted(Comparator.comparingLong(Revocation::epoch))
                .forEach(this::take);
    }

    /** The authority, with what it revoked before. */
    public static Revocations authority(Store store, Clock clock) {
        return new Revocations(store, Optional.empty(), clock);
    }

    /** One that follows an authority and can tell nothing when its knowledge is older than that. */
    public static Revocations follower(Duration maxAge, Clock clock) {
        return new Revocations(new Unkept(), Optional.of(maxAge), clock);
    }

    /** An authority that forgets at its end; for tests and for what has no tokens. */
    public static Revocations unkept(Clock clock) {
        return new Revocations(new Unkept(), Optional.empty(), clock);
    }

    /** The number of the last change. */
    public long epoch() {
        return epoch;
    }

    /** Whether what is known is recent enough to say that something is not revoked. */
    public boolean current(Instant now) {
        return maxAge.isEmpty() || !now.isAfter(asOf.plus(maxAge.get()));
    }

    /** Told of each change, on the thread that makes it, when it is in force. */
    public void onChange(Consumer<Revocation> listener) {
        listeners.add(listener);
    }

    /** Everything in force, oldest first. */
    public List<Revocation> all() {
        return entries.values().stream()
                .flatMap(byName -> byName.values().stream())
                .sorted(Comparator.comparingLong(Revocation::epoch))
                .toList();
    }

    /**
     * Takes something back, from now on. In force when this returns, and even when it throws
     * because the store cannot keep it: then it holds until the process ends and has to be tried
     * again.
     */
    public Revocation revoke(Kind kind, String tenant, String id, String reason) {
        if (maxAge.isPresent()) {
            throw new IllegalStateException("only the authority revokes");
        }
        Revocation made = make(kind, tenant, id, reason);
        try {
            keep(made);
        } finally {
            // Without the lock: who hears of it may be in the middle of revoking something else.
            tell(made);
        }
        return made;
    }

    private synchronized Revocation make(Kind kind, String tenant, String id, String reason) {
        Instant now = clock.instant();
        boolean full = entries.values().stream().mapToInt(Map::size).sum() >= LIMIT;
        if (full && kind == Kind.PRINCIPAL) {
            throw new IllegalStateException("more than " + LIMIT + " revocations are in force");
        }
        Kind whole = full ? Kind.EVERYTHING : kind;
        Revocation made =
                new Revocation(
                        whole,
                        tenant,
                        whole == Kind.EVERYTHING ? "*" : id,
                        now,
                        now.plus(whole == Kind.PRINCIPAL ? PRINCIPAL_MEMORY : TOKEN_MEMORY),
                        epoch + 1,
                        reason);
        take(made);
        return made;
    }

    // Under a lock of its own: a store that is slow to keep one must not hold up the next, which is
    // in force before it is kept. What is kept is what counts now, whoever's turn it is.
    private void keep(Revocation made) {
        keeping.lock();
        try {
            Revocation now = of(made.kind()).get(new Name(made.tenant(), made.id()));
            store.put(now != null && now.epoch() > made.epoch() ? now : made);
            List<Revocation> ended = forget(made.since());
            if (!ended.isEmpty()) {
                store.forget(ended);
            }
        } finally {
            keeping.unlock();
        }
    }

    /**
     * Takes over what the authority said at a moment. A higher epoch is newer whatever the time
     * says: clocks are put back. And a revocation that is not known here counts whatever its
     * number: an authority that lost its last word before it was kept gives that number again.
     *
     * @return whether it was news
     */
    public boolean follow(long saidEpoch, Instant saidAt, List<Revocation> said) {
        if (maxAge.isEmpty()) {
            throw new IllegalStateException("an authority follows nobody");
        }
        Optional<List<Revocation>> news = takeOver(saidEpoch, saidAt, said);
        news.ifPresent(list -> list.forEach(this::tell));
        return news.isPresent();
    }

    private synchronized Optional<List<Revocation>> takeOver(
            long saidEpoch, Instant saidAt, List<Revocation> said) {
        Instant now = clock.instant();
        boolean later = saidEpoch > epoch || (saidEpoch == epoch && !saidAt.isBefore(asOf));
        List<Revocation> news =
                said.stream()
                        .filter(r -> isNews(r, now))
                        .sorted(Comparator.comparingLong(Revocation::epoch))
                        .toList();
        if (!later && news.isEmpty()) {
            return Optional.empty();
        }
        long before = epoch;
        news.forEach(this::take);
        // Whoever remembers a verdict looks again only when the number is another.
        epoch = Math.max(Math.max(epoch, saidEpoch), news.isEmpty() ? 0 : before + 1);
        if (later) {
            Instant heard = saidAt.isAfter(now) ? now : saidAt;
            asOf = heard.isAfter(asOf) ? heard : asOf;
        }
        forget(now);
        return Optional.of(news);
    }

    private boolean isNews(Revocation said, Instant now) {
        Revocation known = of(said.kind()).get(new Name(said.tenant(), said.id()));
        return known == null ? !now.isAfter(said.until()) : said.since().isAfter(known.since());
    }

    /** What is asked about: a credential by everything that it rests on. */
    public record Subject(
            String tenant,
            String principal,
            Instant issued,
            long epoch,
            Set<String> tokens,
            Set<String> keys,
            Set<String> roles) {
        public Subject {
            tokens = Set.copyOf(tokens);
            keys = Set.copyOf(keys);
            roles = Set.copyOf(roles);
        }
    }

    /** What ends a token of ours, if anything does. */
    public Optional<Revocation> ending(Subject token) {
        Optional<Revocation> found = ends(Kind.EVERYTHING, token.tenant, "*", token);
        for (String id : token.tokens) {
            found = found.or(() -> ends(Kind.TOKEN, token.tenant, id, token));
        }
        for (String id : token.keys) {
            found = found.or(() -> ends(Kind.KEY, token.tenant, id, token));
        }
        for (String role : token.roles) {
            String grant = Revocation.grant(token.principal, role);
            found = found.or(() -> ends(Kind.GRANT, token.tenant, grant, token));
        }
        return found.or(() -> endsByPattern(token))
                .or(() -> ends(Kind.PRINCIPAL, token.tenant, token.principal, token));
    }

    /** What ends a credential of a principal that is not a token of ours and was issued then. */
    public Optional<Revocation> ending(String tenant, String principal, Instant issued) {
        Map<Name, Revocation> principals = of(Kind.PRINCIPAL);
        if (principals.isEmpty()) {
            return Optional.empty();
        }
        return Optional.ofNullable(principals.get(new Name(tenant, principal)))
                .filter(r -> !issued.isAfter(r.since()));
    }

    private Optional<Revocation> ends(Kind kind, String tenant, String id, Subject token) {
        Map<Name, Revocation> named = of(kind);
        if (named.isEmpty()) {
            return Optional.empty();
        }
        return Optional.ofNullable(named.get(new Name(tenant, id)))
                .filter(r -> r.ends(token.issued, token.epoch));
    }

    private Optional<Revocation> endsByPattern(Subject token) {
        for (Pattern pattern : patterns) {
            if (pattern.tenant.equals(token.tenant)
                    && token.roles.contains(pattern.role)
                    && pattern.principal.matches(token.principal)
                    && pattern.revocation.ends(token.issued, token.epoch)) {
                return Optional.of(pattern.revocation);
            }
        }
        return Optional.empty();
    }

    private void take(Revocation made) {
        of(made.kind()).put(new Name(made.tenant(), made.id()), made);
        if (made.kind() == Kind.GRANT && made.id().indexOf('*') >= 0) {
            int space = made.id().indexOf(' ');
            patterns.add(
                    new Pattern(
                            made.tenant(),
                            made.id().substring(0, space),
                            new Glob(made.id().substring(space + 1)),
                            made));
        }
        epoch = Math.max(epoch, made.epoch());
    }

    private void tell(Revocation made) {
        for (Consumer<Revocation> listener : listeners) {
            try {
                listener.accept(made);
            } catch (RuntimeException e) {
                // One who cannot hear must not keep the others from it.
                LOG.atError()
                        .addKeyValue("epoch", made.epoch())
                        .setCause(e)
                        .log("a listener did not take a revocation");
            }
        }
    }

    // The last change stays, ended or not: a store without it would count from the start again.
    private synchronized List<Revocation> forget(Instant now) {
        if (now.isBefore(nextEnd)) {
            return List.of();
        }
        List<Revocation> ended =
                all().stream().filter(r -> now.isAfter(r.until()) && r.epoch() < epoch).toList();
        nextEnd = now.plus(FORGET_EVERY);
        for (Revocation old : ended) {
            of(old.kind()).remove(new Name(old.tenant(), old.id()), old);
        }
        patterns.removeIf(p -> now.isAfter(p.revocation.until()));
        return ended;
    }

    private ConcurrentHashMap<Name, Revocation> of(Kind kind) {
        return java.util.Objects.requireNonNull(entries.get(kind));
    }

    /** Keeps nothing. */
    private static final class Unkept implements Store {
        @Override
        public List<Revocation> all() {
            return List.of();
        }

        @Override
        public void put(Revocation revocation) {}

        @Override
        public void forget(Collection<Revocation> ended) {}
    }
}

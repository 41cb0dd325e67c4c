package atlas.control.login;

import atlas.control.login.Proven.Bond;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.SessionEnded;
import atlas.core.AuditEvent.SessionOpened;
import atlas.core.AuditLog;
import atlas.core.Digest;
import atlas.core.Principal;
import atlas.core.Principal.Credential;
import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everybody signed in at the console.
 *
 * <p>Promises: a session's 256-bit secret leaves here once and only its SHA-256 is kept; a session
 * exists only after the journal has it, and every end is recorded; it works while it is neither
 * idle nor old and what vouched for it stands. Sessions live in memory: a restart ends them all.
 * Thread-safe; opening blocks on the journal, looking up never does.
 */
public final class Sessions {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
    private static final int MAX_SESSIONS = 10_000;
    private static final int SECRET_BYTES = 32;

    private final SessionLimits limits;
    private final AuditLog journal;
    private final Predicate<Principal> revoked;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<Digest, Held> bySecret = new HashMap<>(); // guarded by this
    private volatile Consumer<Session> listener = _ -> {};

    /**
     * None yet.
     *
     * @param revoked whether what a principal holds since its credential was issued is revoked;
     *     asked at every use, never blocks
     */
    public Sessions(
            SessionLimits limits, AuditLog journal, Predicate<Principal> revoked, Clock clock) {
        this.limits = limits;
        this.journal = journal;
        this.revoked = revoked;
        this.clock = clock;
    }

    // Mutable under the lock of Sessions.
    private static final class Held {
        final Session opened;
        final Proven proven;
        Instant lastUsed;

        Held(Session opened, Proven proven) {
            this.opened = opened;
            this.proven = proven;
            this.lastUsed = opened.opened();
        }

        Session view() {
            return new Session(
                    opened.id(),
                    opened.principal(),
                    opened.method(),
                    opened.provider(),
                    opened.opened(),
                    lastUsed,
                    opened.ends(),
                    opened.source());
        }
    }

    /** A new session and, this once, its secret. */
    public record Opened(Session session, Sensitive<String> secret) {}

    /** What is known of a secret that was presented. */
    public sealed interface Lookup {
        record Live(Session session) implements Lookup {}

        /**
         * There is no such session, or no more.
         *
         * @param hint which, as far as can be told
         */
        record Dead(String reason, String hint) implements Lookup {}

        /** Whether what vouched still stands cannot be told now. */
        record Undecided(String what) implements Lookup {}
    }

    /**
     * A session that ended.
     *
     * @param farewell where its owner signs out at the provider; asking may ask the provider
     */
    public record Ended(Session session, Supplier<Optional<Sensitive<URI>>> farewell) {}

    /** Too many are signed in; nobody was let in. */
    public static final class Full extends Exception {
        private static final long serialVersionUID = 1L;

        Full() {
            super("too many sessions are open", null, false, false);
        }
    }

    /**
     * Opens a session, under a secret nobody has seen before.
     *
     * @throws atlas.core.AuditUnavailableException when it cannot be recorded; there is no session
     * @throws Full when there are too many already
     */
    public Opened open(Proven proven, String requestId, String source) throws Full {
        byte[] secret = new byte[SECRET_BYTES];
        byte[] name = new byte[9];
        random.nextBytes(secret);
        random.nextBytes(name);
        String id = "ses_" + HexFormat.of().formatHex(name);
        Instant now = clock.instant();
        Principal shown = proven.principal();
        Instant ends = earlier(now.plus(limits.absolute()), shown.credential().expires());
        Principal principal =
                new Principal(
                        shown.id(),
                        shown.kind(),
                        shown.tenant(),
                        shown.roles(),
                        shown.models(),
                        shown.claims(),
                        new Credential(
                                Credential.Kind.SESSION,
                                id,
                                now,
                                ends,
                                Optional.empty(),
                                shown.credential().key()));
        Session session =
                new Session(
                        id, principal, proven.method(), proven.provider(), now, now, ends, source);
        makeRoom(principal.id());
        journal.append(
                new SessionOpened(
                        requestId,
                        Actor.of(principal, source),
                        proven.method(),
                        proven.provider(),
                        shown.credential().id(),
                        ends));
        synchronized (this) {
            if (bySecret.size() >= MAX_SESSIONS) {
                throw new Full();
            }
            bySecret.put(Hashes.sha256(secret), new Held(session, proven));
        }
        return new Opened(session, Sensitive.of(encode(secret)));
    }

    private void makeRoom(String principal) throws Full {
        sweep();
        List<Session> own =
                list().stream().filter(s -> s.principal().id().equals(principal)).toList();
        for (int i = 0; i <= own.size() - limits.perPrincipal(); i++) {
            end(own.get(i).id(), Ending.TOO_MANY, Actor.system("sessions"));
        }
        synchronized (this) {
            if (bySecret.size() >= MAX_SESSIONS) {
                throw new Full();
            }
        }
    }

    /**
     * Finds the session of a secret.
     *
     * @param source the literal of the address it was presented from
     * @param byPerson whether a person did something, which starts the idle time anew; what a page
     *     asks for by itself does not
     */
    public Lookup find(Sensitive<String> secret, String source, boolean byPerson) {
        Optional<Digest> key = key(secret.reveal());
        if (key.isEmpty()) {
            return new Lookup.Dead("session_malformed", "session");
        }
        Held held;
        Ending over;
        Instant now = clock.instant();
        synchronized (this) {
            held = bySecret.get(key.get());
            if (held == null) {
                return new Lookup.Dead("session_unknown", "session");
            }
            over = over(held, now);
            if (over != null) {
                bySecret.remove(key.get());
            }
        }
        if (over != null) {
            tell(List.of(held), over, Actor.system("sessions"));
            return new Lookup.Dead("session_" + over.wireName(), held.opened.id());
        }
        // Outside the lock: asking may read a store.
        switch (held.proven.standing().ask(source)) {
            case UNKNOWN -> {
                return new Lookup.Undecided("what vouched for the session");
            }
            case ENDED -> {
                tell(
                        take(h -> h.opened.id().equals(held.opened.id())),
                        Ending.CREDENTIAL_ENDED,
                        Actor.system("sessions"));
                return new Lookup.Dead("session_credential_ended", held.opened.id());
            }
            case HOLDS -> {}
        }
        synchronized (this) {
            if (bySecret.get(key.get()) != held) {
                return new Lookup.Dead("session_unknown", held.opened.id());
            }
            if (byPerson) {
                held.lastUsed = now;
            }
            return new Lookup.Live(held.view());
        }
    }

    /** Whether a session still works; for what goes on after its request was let in. */
    public boolean holds(String id, String source) {
        Held held = byId(id);
        if (held == null) {
            return false;
        }
        synchronized (this) {
            if (over(held, clock.instant()) != null) {
                return false;
            }
        }
        return held.proven.standing().ask(source) == Proven.Standing.Answer.HOLDS;
    }

    /** Ends a session; empty when there is none of this id. */
    public Optional<Ended> end(String id, Ending why, Actor by) {
        List<Held> ended = take(held -> held.opened.id().equals(id));
        throwFirst(tell(ended, why, by));
        return ended.stream()
                .findFirst()
                .map(held -> new Ended(held.view(), held.proven.farewell()));
    }

    /**
     * Ends what a provider says is over: one of its sessions, or without one all of the person's.
     *
     * @return how many ended
     */
    public int end(String provider, Bond over, Actor by) {
        return endWhere(
                held ->
                        held.opened.provider().equals(provider)
                                && held.proven.bond().filter(b -> covers(over, b)).isPresent(),
                Ending.PROVIDER_LOGOUT,
                by);
    }

    // A logout names a session, a person, or both; what it names must be the same.
    private static boolean covers(Bond over, Bond ours) {
        return over.issuer().equals(ours.issuer())
                && (over.subject().isEmpty() || over.subject().equals(ours.subject()))
                && (over.session().isEmpty() || over.session().equals(ours.session()))
                && !(over.subject().isEmpty() && over.session().isEmpty());
    }

    /** Told of every session that ends, when it has; may wait for a store. */
    public void onEnd(Consumer<Session> whenEnded) {
        listener = whenEnded;
    }

    /** Ends every session of a principal. */
    public int endAll(String principal, Ending why, Actor by) {
        return endWhere(held -> held.opened.principal().id().equals(principal), why, by);
    }

    /** Ends what is idle or old; whoever runs the process calls it about once a minute. */
    public void sweep() {
        Instant now = clock.instant();
        for (Ending why : List.of(Ending.EXPIRED, Ending.IDLE, Ending.REVOKED)) {
            tell(take(held -> over(held, now) == why), why, Actor.system("sessions"));
        }
    }

    /** Every session, oldest first. */
    public synchronized List<Session> list() {
        List<Session> all = new ArrayList<>();
        bySecret.values().forEach(held -> all.add(held.view()));
        all.sort(Comparator.comparing(Session::opened).thenComparing(Session::id));
        return all;
    }

    private int endWhere(Predicate<Held> which, Ending why, Actor by) {
        List<Held> ended = take(which);
        throwFirst(tell(ended, why, by));
        return ended.size();
    }

    /** Whatever is taken works no more. */
    private synchronized List<Held> take(Predicate<Held> which) {
        List<Held> taken = new ArrayList<>();
        bySecret.values().removeIf(held -> which.test(held) && taken.add(held));
        return taken;
    }

    private synchronized @Nullable Held byId(String id) {
        for (Held held : bySecret.values()) {
            if (held.opened.id().equals(id)) {
                return held;
            }
        }
        return null;
    }

    private @Nullable Ending over(Held held, Instant now) {
        if (!now.isBefore(held.opened.ends())) {
            return Ending.EXPIRED;
        }
        if (!now.isBefore(held.lastUsed.plus(limits.idle()))) {
            return Ending.IDLE;
        }
        return revoked.test(held.opened.principal()) ? Ending.REVOKED : null;
    }

    /**
     * Says of sessions that they ended, when they have: a journal or a store that is down must keep
     * nobody signed in. Without the lock, for whoever hears of it may wait.
     *
     * @return what a listener failed with first, once all have been told of
     */
    private Optional<RuntimeException> tell(List<Held> ended, Ending why, Actor by) {
        Optional<RuntimeException> first = Optional.empty();
        for (Held held : ended) {
            record(held, why, by);
            try {
                listener.accept(held.view());
            } catch (RuntimeException e) {
                LOG.atError()
                        .addKeyValue("session", held.opened.id())
                        .setCause(e)
                        .log("what rests on a session may outlive it");
                first = first.or(() -> Optional.of(e));
            }
        }
        return first;
    }

    private static void throwFirst(Optional<RuntimeException> failure) {
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private void record(Held held, Ending why, Actor by) {
        journal.submit(
                        new SessionEnded(
                                by, held.opened.id(), held.opened.principal().id(), why.wireName()))
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOG.atError()
                                .addKeyValue("session", held.opened.id())
                                .log("end of a session not journaled");
                    }
                });
    }

    private static Optional<Digest> key(String secret) {
        if (secret.length() != 43) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(secret);
            // One spelling for each secret: the unused bits of the last character are zero.
            return encode(bytes).equals(secret)
                    ? Optional.of(Hashes.sha256(bytes))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}

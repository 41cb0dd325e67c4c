package atlas.control.login;

import atlas.control.login.Door.Shut;
import atlas.core.AuditEvent.Actor;
import atlas.core.Sensitive;
import atlas.runtime.http.Exchange;
import java.util.List;
import java.util.Optional;

/**
 * What every way of signing in ends with: a proven person gets a session of their own, under a
 * secret made now; whatever session the browser had before is over (no fixation).
 */
public final class SignIn {
    private final Sessions sessions;

    public SignIn(Sessions sessions) {
        this.sessions = sessions;
    }

    /**
     * Opens a session and gives the {@code Set-Cookie} value for it.
     *
     * @param before a session the browser is known to have had, by id
     * @throws atlas.core.AuditUnavailableException when it cannot be recorded; nobody is signed in
     * @throws Shut when too many are signed in
     */
    public String cookie(Proven proven, Exchange exchange, Optional<String> before) throws Shut {
        try {
            Sessions.Opened opened = sessions.open(proven, exchange.requestId(), exchange.source());
            Actor by = Actor.of(opened.session().principal(), exchange.source());
            before.or(() -> current(exchange).map(Session::id))
                    .ifPresent(id -> sessions.end(id, Ending.REPLACED, by));
            return SessionCookie.set(opened.secret());
        } catch (Sessions.Full e) {
            throw new Shut(Shut.Kind.UNAVAILABLE, "sessions_full", proven.method());
        }
    }

    /** The live session a browser shows, if it shows exactly one; looking is not using. */
    public Optional<Session> current(Exchange exchange) {
        List<Sensitive<String>> shown =
                SessionCookie.values(exchange.headers(), SessionCookie.NAME);
        if (shown.size() == 1
                && sessions.find(shown.getFirst(), exchange.source(), false)
                        instanceof Sessions.Lookup.Live(Session session)) {
            return Optional.of(session);
        }
        return Optional.empty();
    }

    public Sessions sessions() {
        return sessions;
    }
}

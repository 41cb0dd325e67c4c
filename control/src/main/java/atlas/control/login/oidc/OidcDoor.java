package atlas.control.login.oidc;

import atlas.control.login.Door;
import atlas.control.login.Parameters;
import atlas.control.login.Proven;
import atlas.control.login.SameOrigin;
import atlas.control.login.Session;
import atlas.control.login.SessionCookie;
import atlas.control.login.Sessions;
import atlas.control.login.SignIn;
import atlas.control.login.Throttle;
import atlas.core.AuditEvent.Actor;
import atlas.core.Sensitive;
import atlas.identity.oidc.RelyingParty;
import atlas.identity.oidc.RelyingParty.Arrival;
import atlas.identity.oidc.RelyingParty.Notice;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where people sign in with an OpenID provider, and where providers say who signed out.
 *
 * <ul>
 *   <li>{@code GET /login/oidc?provider=NAME} sends the browser to the provider;
 *   <li>{@code GET /login/oidc/callback} takes it back, and opens a session;
 *   <li>{@code POST /login/oidc/backchannel-logout} takes a provider's logout token.
 * </ul>
 *
 * <p>A stranger who calls these costs one seal, or one signature check, within limits by source.
 */
public final class OidcDoor implements Door {
    private static final String START = "/login/oidc";
    private static final String BACK = "/login/oidc/callback";
    private static final String LOGOUT = "/login/oidc/backchannel-logout";
    private static final String COOKIE = "__Host-atlas-oidc";
    // Sent along when the provider's page leads back here, which no Strict cookie is.
    private static final String SAME_SITE = "Lax";
    private static final int TRIES_A_MINUTE = 30;
    private static final int TRIES_IN_ALL = 600;

    private final Map<String, RelyingParty> parties = new LinkedHashMap<>();
    private final SignIn signIn;
    private final SameOrigin sameOrigin;
    private final SealedJourney journeys;
    private final Throttle tries;
    private final Throttle badNotices;

    /** The providers, in the order they are shown. */
    public OidcDoor(List<RelyingParty> parties, SignIn signIn, SameOrigin sameOrigin, Clock clock) {
        for (RelyingParty party : parties) {
            if (this.parties.put(party.client().name(), party) != null) {
                throw new IllegalArgumentException(
                        "provider `" + party.client().name() + "` is configured twice");
            }
        }
        this.signIn = signIn;
        this.sameOrigin = sameOrigin;
        this.journeys = new SealedJourney(clock);
        this.tries = new Throttle(TRIES_A_MINUTE, TRIES_IN_ALL, clock);
        // Strangers together must not be able to keep a provider from saying who signed out.
        this.badNotices = Throttle.bySource(TRIES_A_MINUTE, clock);
    }

    @Override
    public List<String> routes() {
        return parties.isEmpty()
                ? List.of()
                : List.of("GET " + START, "GET " + BACK, "POST " + LOGOUT);
    }

    /** What the sign-in page shows of each provider. */
    public List<Map<String, Object>> shown() {
        return parties.values().stream()
                .map(party -> {
                    Map<String, Object> view = new LinkedHashMap<>();
                    view.put("name", party.client().name());
                    view.put("label", party.client().label());
                    view.put("method", "oidc");
                    view.put("start", START + "?provider=" + party.client().name());
                    return view;
                })
                .toList();
    }

    @Override
    public boolean serve(Exchange exchange) throws Shut {
        if (parties.isEmpty() || !exchange.knownHere()) {
            return false;
        }
        switch (exchange.method() + " " + exchange.path()) {
            case "GET " + START -> start(exchange);
            case "GET " + BACK -> back(exchange);
            case "POST " + LOGOUT -> logout(exchange);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void start(Exchange exchange) throws Shut {
        take(exchange);
        Map<String, String> query = Parameters.read(exchange.query());
        RelyingParty party = parties.get(query.getOrDefault("provider", ""));
        if (party == null || query.size() != 1) {
            throw new Shut(Shut.Kind.MALFORMED, "sign_in_provider_unknown", "oidc");
        }
        // Nobody is signed in by a page that merely sends them here.
        Optional<String> foreign = sameOrigin.foreign(exchange);
        if (foreign.isPresent()) {
            throw new Shut(Shut.Kind.NOT_OURS, foreign.get(), hint(party));
        }
        try {
            RelyingParty.Begun begun = party.begin(URI.create(sameOrigin.own(exchange) + BACK));
            Sensitive<String> sealed =
                    journeys.seal(begun.journey(), signIn.current(exchange).map(Session::id));
            redirect(
                    exchange,
                    begun.authorization().toString(),
                    SessionCookie.forTheWay(COOKIE, sealed, SAME_SITE));
        } catch (RelyingParty.ProviderAway e) {
            throw new Shut(Shut.Kind.BACK_TO_PAGE_AWAY, "sign_in_provider_away", hint(party));
        }
    }

    private void back(Exchange exchange) throws Shut {
        take(exchange);
        List<Sensitive<String>> cookies = SessionCookie.values(exchange.headers(), COOKIE);
        if (cookies.size() != 1) {
            throw new Shut(Shut.Kind.UNAUTHENTICATED, "sign_in_journey_missing", "oidc");
        }
        SealedJourney.Opened opened =
                journeys.open(cookies.getFirst())
                        .orElseThrow(() ->
                                new Shut(Shut.Kind.BACK_TO_PAGE, "sign_in_journey_over", "oidc"));
        RelyingParty party = parties.get(opened.journey().provider());
        if (party == null) {
            throw new Shut(Shut.Kind.BACK_TO_PAGE, "sign_in_provider_unknown", "oidc");
        }
        switch (party.finish(Parameters.read(exchange.query()), opened.journey())) {
            case Arrival.Away _ ->
                    throw new Shut(
                            Shut.Kind.BACK_TO_PAGE_AWAY, "sign_in_provider_away", hint(party));
            case Arrival.Refused refused ->
                    throw new Shut(Shut.Kind.BACK_TO_PAGE, refused.reason(), hint(party));
            case Arrival.Arrived arrived -> {
                URI home = URI.create(sameOrigin.own(exchange) + "/");
                String cookie =
                        signIn.cookie(proven(party, arrived, home), exchange, opened.before());
                redirect(exchange, "/", cookie, SessionCookie.clearForTheWay(COOKIE, SAME_SITE));
            }
        }
    }

    private static Proven proven(RelyingParty party, Arrival.Arrived arrived, URI home) {
        return new Proven(
                "oidc",
                party.client().name(),
                arrived.principal(),
                Optional.of(
                        new Proven.Bond(
                                party.client().issuer(), arrived.subject(), arrived.session())),
                Proven.Standing.UNTIL_TOLD,
                () -> party.farewell(arrived.idToken(), home));
    }

    // A provider may say that thousands signed out; only what does not hold is counted against it.
    private void logout(Exchange exchange) throws Shut {
        if (badNotices.spent(exchange.source())) {
            throw new Shut(Shut.Kind.TOO_OFTEN, "logout_too_often", "oidc");
        }
        try {
            notice(exchange);
        } catch (Shut shut) {
            badNotices.take(exchange.source());
            throw shut;
        }
    }

    private void notice(Exchange exchange) throws Shut {
        String form = new String(exchange.body(), StandardCharsets.UTF_8);
        String token = Parameters.read(form).get("logout_token");
        boolean isForm =
                exchange.headers()
                        .first("content-type")
                        .filter(t -> t.startsWith("application/x-www-form-urlencoded"))
                        .isPresent();
        if (token == null || !isForm || !exchange.query().isEmpty()) {
            throw new Shut(Shut.Kind.MALFORMED, "logout_token_missing", "oidc");
        }
        Shut why = new Shut(Shut.Kind.MALFORMED, "logout_token_issuer_unknown", "oidc");
        for (RelyingParty party : parties.values()) {
            switch (party.logout(Sensitive.of(token))) {
                case Notice.Away _ ->
                        throw new Shut(Shut.Kind.UNAVAILABLE, "sign_in_provider_away", hint(party));
                case Notice.Over over -> {
                    end(party, over, exchange);
                    return;
                }
                case Notice.Refused refused -> {
                    if (!refused.reason().equals("logout_token_issuer_unknown")) {
                        why = new Shut(Shut.Kind.MALFORMED, refused.reason(), hint(party));
                    }
                }
            }
        }
        throw why;
    }

    private void end(RelyingParty party, Notice.Over over, Exchange exchange) {
        Sessions sessions = signIn.sessions();
        sessions.end(
                party.client().name(),
                new Proven.Bond(over.issuer(), over.subject(), over.session()),
                Actor.system("provider-" + party.client().name()));
        exchange.respond(200, Headers.of("cache-control", "no-store"), new byte[0]);
    }

    private void take(Exchange exchange) throws Shut {
        if (!tries.take(exchange.source())) {
            throw new Shut(Shut.Kind.TOO_OFTEN, "sign_in_too_often", "oidc");
        }
    }

    private static String hint(RelyingParty party) {
        return "oidc " + party.client().name();
    }

    private static void redirect(Exchange exchange, String place, String... cookies) {
        Headers headers =
                Headers.of(
                        "location", place,
                        "cache-control", "no-store",
                        "referrer-policy", "no-referrer",
                        "x-content-type-options", "nosniff");
        for (String cookie : cookies) {
            headers = headers.with("set-cookie", cookie);
        }
        exchange.respond(303, headers, new byte[0]);
    }
}

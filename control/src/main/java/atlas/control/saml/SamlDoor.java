package atlas.control.saml;

import atlas.control.login.Door;
import atlas.control.login.Proven;
import atlas.control.login.Proven.Bond;
import atlas.control.login.SameOrigin;
import atlas.control.login.Session;
import atlas.control.login.SessionCookie;
import atlas.control.login.SignIn;
import atlas.control.login.Throttle;
import atlas.core.AuditEvent.Actor;
import atlas.core.Principal;
import atlas.core.Principal.Credential;
import atlas.core.Sensitive;
import atlas.identity.saml.SamlLogout;
import atlas.identity.saml.SamlOutcome;
import atlas.identity.saml.SamlServiceProvider;
import atlas.identity.saml.SamlServiceProvider.Begun;
import atlas.identity.saml.SamlServiceProvider.Message;
import atlas.identity.saml.SamlSubject;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The paths of SAML sign-in. Answers come by a post from the provider's page, which is another
 * site: what ties them to this browser is a cookie for the way, which alone of all our cookies
 * travels cross-site, is good for minutes and says nothing but which request was made. The session
 * cookie stays strict; it is set with the answer and first sent by our own page.
 */
public final class SamlDoor implements Door {
    static final String WAY = "__Host-atlas-saml";

    private static final String CROSS_SITE = "None";
    private static final Duration LONGEST = Duration.ofHours(24);

    private final SamlServiceProvider provider;
    private final SignIn signIn;
    private final SameOrigin sameOrigin;
    private final Clock clock;
    private final Throttle throttle;
    private final Throttle logouts;
    private final Farewells farewells = new Farewells();

    public SamlDoor(
            SamlServiceProvider provider, SignIn signIn, SameOrigin sameOrigin, Clock clock) {
        this.provider = provider;
        this.signIn = signIn;
        this.sameOrigin = sameOrigin;
        this.clock = clock;
        // Each costs a signature made or checked: no more of them than a person needs.
        this.throttle = new Throttle(60, 600, clock);
        // Strangers together must not be able to keep people from signing out.
        this.logouts = Throttle.bySource(60, clock);
    }

    /** What the sign-in page shows of each provider. */
    public List<Map<String, Object>> shown() {
        return provider.providers().stream()
                .map(one -> {
                    Map<String, Object> view = new LinkedHashMap<>();
                    view.put("name", one.name());
                    view.put("label", one.label().orElse(one.name()));
                    view.put("method", "saml");
                    view.put("start", "/saml/login?provider=" + one.name());
                    return view;
                })
                .toList();
    }

    @Override
    public List<String> routes() {
        return List.of(
                "GET /saml/metadata",
                "GET /saml/login",
                "POST /saml/acs",
                "GET /saml/slo",
                "POST /saml/slo");
    }

    @Override
    public boolean serve(Exchange exchange) throws Shut {
        String call = exchange.method() + " " + exchange.path();
        if (!exchange.knownHere() || !routes().contains(call)) {
            return false;
        }
        Throttle turns = exchange.path().equals("/saml/slo") ? logouts : throttle;
        if (!turns.take(exchange.source())) {
            throw new Shut(Shut.Kind.TOO_OFTEN, "saml_too_often", exchange.path());
        }
        switch (call) {
            case "GET /saml/metadata" -> metadata(exchange);
            case "GET /saml/login" -> begin(exchange);
            case "POST /saml/acs" -> accept(exchange);
            case "GET /saml/slo" -> redirected(exchange);
            default -> posted(exchange);
        }
        return true;
    }

    private void metadata(Exchange exchange) {
        exchange.respond(
                200,
                Headers.of(
                        "content-type", "application/samlmetadata+xml",
                        "x-content-type-options", "nosniff",
                        "cache-control", "no-cache"),
                provider.metadata());
    }

    private void begin(Exchange exchange) throws Shut {
        // Nobody is signed in by a page that merely sends them here.
        Optional<String> foreign = sameOrigin.foreign(exchange);
        if (foreign.isPresent()) {
            throw new Shut(Shut.Kind.NOT_OURS, foreign.get(), "saml");
        }
        String before = signIn.current(exchange).map(Session::id).orElse("");
        switch (provider.begin(wanted(exchange.query()), before)) {
            case Begun.Asked asked ->
                    exchange.respond(
                            303,
                            Carrier.redirect(asked.message().place().toString())
                                    .with(
                                            "set-cookie",
                                            SessionCookie.forTheWay(
                                                    WAY, Sensitive.of(asked.cookie()), CROSS_SITE)),
                            new byte[0]);
            case Begun.Unknown _ ->
                    throw new Shut(Shut.Kind.MALFORMED, "saml_provider_unknown", "saml");
            case Begun.Unavailable down ->
                    throw new Shut(Shut.Kind.BACK_TO_PAGE_AWAY, "saml_unavailable", down.what());
        }
    }

    // Where there is one provider it need not be named.
    private String wanted(String query) {
        if (query.isEmpty() && provider.providers().size() == 1) {
            return provider.providers().getFirst().name();
        }
        return query.startsWith("provider=") ? query.substring("provider=".length()) : "";
    }

    private void accept(Exchange exchange) throws Shut {
        Map<String, String> form = FormBody.read(exchange, Set.of("SAMLResponse", "RelayState"));
        List<Sensitive<String>> ways = SessionCookie.values(exchange.headers(), WAY);
        if (ways.size() > 1) {
            throw new Shut(Shut.Kind.UNAUTHENTICATED, "saml_two_cookies", "saml");
        }
        SamlOutcome outcome =
                provider.accept(
                        form.getOrDefault("SAMLResponse", ""),
                        form.getOrDefault("RelayState", ""),
                        ways.stream().findFirst().map(Sensitive::reveal));
        switch (outcome) {
            case SamlOutcome.SignedIn person -> signIn(exchange, person);
            // With a cookie of ours it is a person who waits to see what came of it.
            case SamlOutcome.Refused no ->
                    throw new Shut(
                            ways.isEmpty() ? Shut.Kind.UNAUTHENTICATED : Shut.Kind.BACK_TO_PAGE,
                            no.reason(),
                            no.hint());
            case SamlOutcome.Unavailable down ->
                    throw new Shut(
                            ways.isEmpty() ? Shut.Kind.UNAVAILABLE : Shut.Kind.BACK_TO_PAGE_AWAY,
                            "saml_unavailable",
                            down.what());
        }
    }

    private void signIn(Exchange exchange, SamlOutcome.SignedIn person) throws Shut {
        SamlSubject subject = person.subject();
        Proven proven =
                new Proven(
                        "saml",
                        subject.provider(),
                        principal(person),
                        Optional.of(bond(subject, subject.sessionIndex())),
                        Proven.Standing.UNTIL_TOLD,
                        () -> provider.logout(subject).map(this::farewell));
        // The strict cookie of an older session is not sent along with a post from elsewhere.
        Optional<String> before =
                person.kept().isEmpty() ? Optional.empty() : Optional.of(person.kept());
        String cookie = signIn.cookie(proven, exchange, before);
        exchange.respond(
                303,
                Carrier.redirect("/")
                        .with("set-cookie", cookie)
                        .with("set-cookie", SessionCookie.clearForTheWay(WAY, CROSS_SITE)),
                new byte[0]);
    }

    private Principal principal(SamlOutcome.SignedIn person) {
        Instant now = clock.instant();
        Instant longest = now.plus(LONGEST);
        Instant ends = person.subject().ends().filter(longest::isAfter).orElse(longest);
        return new Principal(
                person.principal(),
                Principal.Kind.HUMAN,
                person.tenant(),
                person.roles(),
                SamlOutcome.SignedIn.MODELS,
                person.claims(),
                new Credential(
                        Credential.Kind.SESSION,
                        person.assertionId(),
                        person.authenticated(),
                        ends,
                        Optional.empty()));
    }

    private static Bond bond(SamlSubject subject, Optional<String> session) {
        return new Bond(
                subject.issuer(), subject.format() + " " + subject.canonicalName(), session);
    }

    private Sensitive<URI> farewell(Message message) {
        return Sensitive.of(
                message.form().isEmpty()
                        ? message.place()
                        : URI.create("/saml/slo?out=" + farewells.keep(message, clock.instant())));
    }

    private void redirected(Exchange exchange) throws Shut {
        String query = exchange.query();
        if (query.startsWith("out=")) {
            Message message =
                    farewells
                            .take(query.substring("out=".length()), clock.instant())
                            .orElseThrow(() ->
                                    new Shut(Shut.Kind.MALFORMED, "saml_farewell", "saml logout"));
            Carrier.send(exchange, message);
            return;
        }
        loggedOut(exchange, provider.redirected(query));
    }

    private void posted(Exchange exchange) throws Shut {
        Set<String> fields = Set.of("SAMLRequest", "SAMLResponse", "RelayState");
        loggedOut(exchange, provider.posted(FormBody.read(exchange, fields)));
    }

    private void loggedOut(Exchange exchange, SamlLogout outcome) throws Shut {
        switch (outcome) {
            case SamlLogout.Requested asked -> {
                end(asked);
                provider.answer(asked, true)
                        .ifPresentOrElse(
                                answer -> Carrier.send(exchange, answer), () -> home(exchange));
            }
            case SamlLogout.Answered _ -> home(exchange);
            case SamlLogout.Refused no ->
                    throw new Shut(Shut.Kind.UNAUTHENTICATED, no.reason(), no.hint());
            case SamlLogout.Unavailable down ->
                    throw new Shut(Shut.Kind.UNAVAILABLE, "saml_unavailable", down.what());
        }
    }

    private void end(SamlLogout.Requested asked) {
        SamlSubject subject = asked.subject();
        Actor by = Actor.system("provider-" + subject.provider());
        List<Optional<String>> sessions =
                asked.sessionIndexes().isEmpty()
                        ? List.of(Optional.empty())
                        : asked.sessionIndexes().stream().map(Optional::of).toList();
        for (Optional<String> session : sessions) {
            signIn.sessions().end(subject.provider(), bond(subject, session), by);
        }
    }

    private static void home(Exchange exchange) {
        exchange.respond(303, Carrier.redirect("/"), new byte[0]);
    }
}

package atlas.identity.saml;

import atlas.identity.saml.SamlLogout.Refused;
import atlas.identity.saml.SamlLogout.Requested;
import atlas.identity.saml.SamlLogout.Unavailable;
import atlas.identity.saml.SamlServiceProvider.Message;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Single Logout (SAML Profiles 4.4), begun on either side; every message is signed. */
final class LogoutFlow {
    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final int MOST = 10_000;

    private final SamlConfig config;
    private final Supplier<SamlKeys> keys;
    private final Providers providers;
    private final ReplayMemory replays;
    private final Clock clock;
    private final Messages messages;

    /** Guarded by itself: our requests not answered yet; the eldest give way. */
    private final Map<String, Instant> outstanding =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
                    return size() > MOST;
                }
            };

    LogoutFlow(
            SamlConfig config,
            Supplier<SamlKeys> keys,
            Providers providers,
            ReplayMemory replays,
            Clock clock) {
        this.config = config;
        this.keys = keys;
        this.providers = providers;
        this.replays = replays;
        this.clock = clock;
        this.messages = new Messages(config);
    }

    Optional<Message> begin(SamlSubject subject) {
        Optional<IdpDirectory> directory = providers.named(subject.provider());
        Optional<IdpMetadata.Endpoint> place =
                directory.flatMap(IdpDirectory::metadata).flatMap(Messages::logoutPlace);
        if (place.isEmpty()) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        String id = "_" + PendingLogin.random(20);
        synchronized (outstanding) {
            outstanding.values().removeIf(end -> !now.isBefore(end));
            outstanding.put(id, now.plus(WINDOW));
        }
        URI target = place.get().location();
        byte[] request = messages.logout(id, subject, target, now);
        return Optional.of(
                carried(place.get().binding(), target, "SAMLRequest", request, Optional.empty()));
    }

    Optional<Message> answer(Requested request, boolean done) {
        Optional<IdpMetadata.Endpoint> place =
                providers
                        .named(request.subject().provider())
                        .flatMap(IdpDirectory::metadata)
                        .flatMap(Messages::logoutPlace);
        if (place.isEmpty()) {
            return Optional.empty();
        }
        URI target = place.get().answers();
        byte[] answer =
                messages.loggedOut(
                        "_" + PendingLogin.random(20),
                        request.requestId(),
                        done,
                        target,
                        clock.instant());
        Optional<String> relay =
                request.relay().isEmpty() ? Optional.empty() : Optional.of(request.relay());
        return Optional.of(carried(place.get().binding(), target, "SAMLResponse", answer, relay));
    }

    private Message carried(
            String binding, URI place, String kind, byte[] xml, Optional<String> relay) {
        Signer signer = new Signer(keys.get().signing(config.overlap(), clock.instant()));
        if (binding.equals(Names.REDIRECT)) {
            return new Message(RedirectBinding.signed(place, kind, xml, relay, signer), Map.of());
        }
        Map<String, String> form = new HashMap<>();
        form.put(kind, PostBinding.encoded(signer.sign(xml)));
        relay.ifPresent(state -> form.put("RelayState", state));
        return new Message(place, form);
    }

    SamlLogout redirected(String query) {
        try {
            RedirectBinding.Message message = RedirectBinding.read(query);
            Document document = StrictXml.parse(message.xml());
            // A signature inside would be a second, unchecked voice beside the one in the query.
            SignedElement.placement(document, List.of());
            Element root = document.getDocumentElement();
            return judged(
                    root,
                    message.kind(),
                    message.relay(),
                    trusted -> {
                        RedirectBinding.verify(message, trusted);
                        return root;
                    });
        } catch (SamlException e) {
            return new Refused(e.reason(), "saml logout");
        }
    }

    SamlLogout posted(Map<String, String> form) {
        try {
            boolean request = form.containsKey("SAMLRequest");
            if (request == form.containsKey("SAMLResponse")) {
                throw new SamlException("saml_parameters");
            }
            String kind = request ? "SAMLRequest" : "SAMLResponse";
            byte[] message = PostBinding.decoded(String.valueOf(form.get(kind)));
            Element root = StrictXml.parse(message).getDocumentElement();
            return judged(
                    root,
                    kind,
                    Optional.ofNullable(form.get("RelayState")),
                    trusted -> {
                        Document document = StrictXml.parse(message);
                        SignedElement.placement(document, List.of(document.getDocumentElement()));
                        return SignedElement.verified(document.getDocumentElement(), trusted);
                    });
        } catch (SamlException e) {
            return new Refused(e.reason(), "saml logout");
        }
    }

    private SamlLogout judged(
            Element claimed, String kind, Optional<String> relay, Providers.Check<Element> check)
            throws SamlException {
        Element issuer = Reading.only(claimed, Names.ASSERTION, "Issuer");
        IdpDirectory directory = providers.issuing(Reading.shortText(issuer));
        SamlConfig.Provider provider = directory.provider();
        Optional<Element> verified = providers.verified(directory, check);
        if (verified.isEmpty()) {
            return new Unavailable("metadata of identity provider " + provider.name());
        }
        Instant now = clock.instant();
        LogoutReader reader =
                new LogoutReader(
                        new AssertionRules(
                                provider,
                                config.ownName(),
                                config.consumerUrl(),
                                Optional.empty(),
                                now),
                        config.logoutUrl());
        if (kind.equals("SAMLRequest")) {
            return once(reader.request(verified.get(), relay), provider, now);
        }
        SamlLogout.Answered answered = reader.answer(verified.get(), open(now));
        synchronized (outstanding) {
            outstanding.remove(Reading.required(verified.get(), "InResponseTo"));
        }
        return answered;
    }

    private Set<String> open(Instant now) {
        synchronized (outstanding) {
            outstanding.values().removeIf(end -> !now.isBefore(end));
            return Set.copyOf(outstanding.keySet());
        }
    }

    private SamlLogout once(Requested request, SamlConfig.Provider provider, Instant now)
            throws SamlException {
        Instant until = now.plus(WINDOW).plus(provider.clockSkew().multipliedBy(2));
        return switch (replays.use(
                "logout", provider.entityId(), request.requestId(), until, now)) {
            case FIRST -> request;
            case REPEATED -> throw new SamlException("saml_replayed");
            case FULL -> new Unavailable("memory of requests used");
        };
    }
}

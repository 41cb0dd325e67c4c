package atlas.identity.saml;

import atlas.identity.saml.SamlOutcome.Refused;
import atlas.identity.saml.SamlOutcome.SignedIn;
import atlas.identity.saml.SamlOutcome.Unavailable;
import atlas.identity.saml.SamlServiceProvider.Begun;
import atlas.identity.saml.SamlServiceProvider.Message;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.w3c.dom.Element;

/** Web Browser SSO (SAML Profiles 4.1): a signed request by redirect, a signed answer by POST. */
final class LoginFlow {
    private final SamlConfig config;
    private final Supplier<SamlKeys> keys;
    private final Providers providers;
    private final ReplayMemory replays;
    private final PendingLogin.Codec cookies;
    private final Clock clock;

    LoginFlow(
            SamlConfig config,
            Supplier<SamlKeys> keys,
            Providers providers,
            ReplayMemory replays,
            PendingLogin.Codec cookies,
            Clock clock) {
        this.config = config;
        this.keys = keys;
        this.providers = providers;
        this.replays = replays;
        this.cookies = cookies;
        this.clock = clock;
    }

    Begun begin(String name, String kept) {
        Optional<IdpDirectory> directory = providers.named(name);
        if (directory.isEmpty()) {
            return new Begun.Unknown();
        }
        Optional<IdpMetadata> metadata = directory.get().metadata();
        if (metadata.isEmpty()) {
            return new Begun.Unavailable("metadata of identity provider " + name);
        }
        Instant now = clock.instant();
        PendingLogin login = PendingLogin.begun(name, now.plus(config.window()), kept);
        byte[] request =
                new Messages(config)
                        .login(login.requestId(), directory.get().provider(), metadata.get(), now);
        URI place =
                RedirectBinding.signed(
                        metadata.get().loginUrl(),
                        "SAMLRequest",
                        request,
                        Optional.of(login.relay()),
                        new Signer(keys.get().signing(config.overlap(), now)));
        return new Begun.Asked(new Message(place, Map.of()), cookies.write(login), config.window());
    }

    SamlOutcome accept(String response, String relayState, Optional<String> cookie) {
        String hint = "saml";
        try {
            Instant now = clock.instant();
            byte[] message = PostBinding.decoded(response);
            IdpDirectory directory = providers.issuing(ResponseReader.claimedIssuer(message));
            hint = "saml of " + directory.provider().name();
            Optional<PendingLogin> pending = pending(directory, relayState, cookie, now);
            ResponseReader reader = new ResponseReader(keys.get().decryption());
            Optional<ResponseReader.Read> read =
                    providers.verified(directory, trusted -> reader.read(message, trusted));
            if (read.isEmpty()) {
                return new Unavailable(
                        "metadata of identity provider " + directory.provider().name());
            }
            return judged(read.get(), directory.provider(), pending, now);
        } catch (SamlException e) {
            return new Refused(e.reason(), hint);
        }
    }

    // The answer belongs to the browser that asked: its cookie, its handle, its request.
    private Optional<PendingLogin> pending(
            IdpDirectory directory, String relayState, Optional<String> cookie, Instant now)
            throws SamlException {
        if (cookie.isEmpty()) {
            if (directory.provider().allowUnsolicited().orElse(false)) {
                return Optional.empty();
            }
            throw new SamlException("saml_unsolicited");
        }
        PendingLogin login = cookies.read(cookie.get(), now);
        if (!login.provider().equals(directory.provider().name())) {
            throw new SamlException("saml_issuer");
        }
        if (!login.relayedBy(relayState)) {
            throw new SamlException("saml_relay_state");
        }
        return Optional.of(login);
    }

    private SamlOutcome judged(
            ResponseReader.Read read,
            SamlConfig.Provider provider,
            Optional<PendingLogin> pending,
            Instant now)
            throws SamlException {
        AssertionRules rules =
                new AssertionRules(
                        provider,
                        config.ownName(),
                        config.consumerUrl(),
                        pending.map(PendingLogin::requestId),
                        now);
        Element response = read.response();
        AssertionRules.version(response);
        rules.issuer(Reading.only(response, Names.ASSERTION, "Issuer"));
        if (!Reading.required(response, "Destination").equals(config.consumerUrl())) {
            throw new SamlException("saml_destination");
        }
        rules.fresh(response);
        rules.answers(Reading.attribute(response, "InResponseTo"));
        AssertionRules.Accepted accepted = rules.check(read.assertion());
        String kept = pending.map(PendingLogin::kept).orElse("");
        SignedIn person = person(read.assertion(), accepted, provider, kept);
        return once(accepted, provider, pending, now).orElse(person);
    }

    /** Why it may not be used, when it may not: it was before, or that cannot be told. */
    private Optional<SamlOutcome> once(
            AssertionRules.Accepted accepted,
            SamlConfig.Provider provider,
            Optional<PendingLogin> pending,
            Instant now)
            throws SamlException {
        ReplayMemory.Use use =
                replays.use("assertion", provider.entityId(), accepted.id(), accepted.until(), now);
        if (use == ReplayMemory.Use.FIRST && pending.isPresent()) {
            PendingLogin login = pending.get();
            use = replays.use("request", "", login.requestId(), login.expires(), now);
        }
        return switch (use) {
            case FIRST -> Optional.empty();
            case REPEATED -> throw new SamlException("saml_replayed");
            case FULL -> Optional.of(new Unavailable("memory of assertions used"));
        };
    }

    private SignedIn person(
            Element assertion,
            AssertionRules.Accepted accepted,
            SamlConfig.Provider provider,
            String kept)
            throws SamlException {
        Element authn = accepted.authn();
        SamlSubject subject =
                NameId.read(
                        Reading.only(assertion, Names.ASSERTION, "Subject"),
                        provider,
                        config.ownName(),
                        Reading.attribute(authn, "SessionIndex"),
                        Reading.moment(authn, "SessionNotOnOrAfter"));
        Attributes attributes = Attributes.read(assertion);
        return new SignedIn(
                "saml:" + provider.entityId() + "#" + name(subject, attributes, provider),
                provider.tenant().orElse(atlas.core.Principal.DEFAULT_TENANT),
                attributes.roles(provider),
                attributes.claims(provider),
                subject,
                accepted.id(),
                Reading.requiredMoment(authn, "AuthnInstant"),
                kept);
    }

    private static String name(
            SamlSubject subject, Attributes attributes, SamlConfig.Provider provider)
            throws SamlException {
        if (provider.principalAttribute().isPresent()) {
            return attributes
                    .single(provider.principalAttribute().get())
                    .filter(NameId::plain)
                    .orElseThrow(() -> new SamlException("saml_principal_missing"));
        }
        if (subject.format().equals(Names.TRANSIENT)) {
            throw new SamlException("saml_name_transient");
        }
        return subject.canonicalName();
    }
}

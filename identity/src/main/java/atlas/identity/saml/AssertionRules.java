package atlas.identity.saml;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.w3c.dom.Element;

/**
 * What a signed assertion must say to sign somebody in here (SAML Core 2.3 to 2.7, Profiles 4.1.4).
 *
 * @param audience our entity id
 * @param consumer where it was to be delivered
 * @param requestId our request; empty for a login nobody asked for
 */
record AssertionRules(
        SamlConfig.Provider provider,
        String audience,
        String consumer,
        Optional<String> requestId,
        Instant now) {
    private static final Set<String> PARTS =
            Set.of(
                    Names.ASSERTION + " Issuer",
                    Names.SIGNATURE + " Signature",
                    Names.ASSERTION + " Subject",
                    Names.ASSERTION + " Conditions",
                    Names.ASSERTION + " AuthnStatement",
                    Names.ASSERTION + " AttributeStatement");
    private static final Duration FRESH = Duration.ofMinutes(5);

    /** How long an accepted assertion must be remembered. */
    record Accepted(String id, Instant until, Element authn) {}

    Accepted check(Element assertion) throws SamlException {
        Reading.expect(assertion, PARTS);
        version(assertion);
        issuer(Reading.only(assertion, Names.ASSERTION, "Issuer"));
        fresh(assertion);
        conditions(Reading.only(assertion, Names.ASSERTION, "Conditions"));
        Instant until = subject(Reading.only(assertion, Names.ASSERTION, "Subject"));
        Element authn = Reading.only(assertion, Names.ASSERTION, "AuthnStatement");
        authentication(authn);
        return new Accepted(
                Reading.required(assertion, "ID"), until.plus(provider.clockSkew()), authn);
    }

    static void version(Element message) throws SamlException {
        if (!Reading.required(message, "Version").equals("2.0")) {
            throw new SamlException("saml_version");
        }
    }

    void issuer(Element issuer) throws SamlException {
        if (!Reading.attribute(issuer, "Format").orElse(Names.ENTITY).equals(Names.ENTITY)
                || !Reading.shortText(issuer).equals(provider.entityId())) {
            throw new SamlException("saml_issuer");
        }
    }

    /** Issued lately and not in the future. */
    void fresh(Element message) throws SamlException {
        Instant issued = Reading.requiredMoment(message, "IssueInstant");
        notInFuture(issued);
        if (issued.isBefore(now.minus(provider.clockSkew()).minus(FRESH))) {
            throw new SamlException("saml_expired");
        }
    }

    private void notInFuture(Instant moment) throws SamlException {
        if (moment.isAfter(now.plus(provider.clockSkew()))) {
            throw new SamlException("saml_not_yet_valid");
        }
    }

    private void ends(Instant end) throws SamlException {
        if (!now.isBefore(end.plus(provider.clockSkew()))) {
            throw new SamlException("saml_expired");
        }
    }

    private void conditions(Element conditions) throws SamlException {
        Optional<Instant> from = Reading.moment(conditions, "NotBefore");
        Optional<Instant> end = Reading.moment(conditions, "NotOnOrAfter");
        if (from.isPresent()) {
            notInFuture(from.get());
        }
        if (end.isPresent()) {
            ends(end.get());
        }
        int restrictions = 0;
        for (Element condition : Reading.children(conditions)) {
            switch (condition.getLocalName()) {
                case "AudienceRestriction" -> {
                    restrictions++;
                    audience(condition);
                }
                // Used once is what every assertion is here; nobody is passed on to.
                case "OneTimeUse", "ProxyRestriction" -> {}
                default -> throw new SamlException("saml_condition_unknown");
            }
        }
        if (restrictions == 0) {
            throw new SamlException("saml_audience");
        }
    }

    private void audience(Element restriction) throws SamlException {
        for (Element one : Reading.children(restriction, Names.ASSERTION, "Audience")) {
            if (Reading.shortText(one).equals(audience)) {
                return;
            }
        }
        throw new SamlException("saml_audience");
    }

    private Instant subject(Element subject) throws SamlException {
        List<Element> bearers =
                Reading.children(subject, Names.ASSERTION, "SubjectConfirmation").stream()
                        .filter(c -> c.getAttributeNS(null, "Method").equals(Names.BEARER))
                        .toList();
        // With two the question would be which of them was meant.
        if (bearers.size() != 1) {
            throw new SamlException("saml_confirmation");
        }
        Element terms = Reading.only(bearers.get(0), Names.ASSERTION, "SubjectConfirmationData");
        if (!Reading.required(terms, "Recipient").equals(consumer)) {
            throw new SamlException("saml_recipient");
        }
        if (Reading.attribute(terms, "NotBefore").isPresent()) {
            throw new SamlException("saml_confirmation");
        }
        Instant end = Reading.requiredMoment(terms, "NotOnOrAfter");
        ends(end);
        answers(Reading.attribute(terms, "InResponseTo"));
        return end;
    }

    /** Answers our request, or none when none was made. */
    void answers(Optional<String> inResponseTo) throws SamlException {
        if (!inResponseTo.equals(requestId)) {
            throw new SamlException("saml_in_response_to");
        }
    }

    private void authentication(Element authn) throws SamlException {
        Instant when = Reading.requiredMoment(authn, "AuthnInstant");
        notInFuture(when);
        Optional<Duration> oldest = provider.maxAuthenticationAge();
        if (oldest.isPresent()
                && when.isBefore(now.minus(oldest.get()).minus(provider.clockSkew()))) {
            throw new SamlException("saml_authentication_age");
        }
        Optional<Instant> end = Reading.moment(authn, "SessionNotOnOrAfter");
        if (end.isPresent()) {
            ends(end.get());
        }
        if (!provider.authnContexts().isEmpty()) {
            Element context = Reading.only(authn, Names.ASSERTION, "AuthnContext");
            Optional<Element> kind =
                    Reading.child(context, Names.ASSERTION, "AuthnContextClassRef");
            if (kind.isEmpty()
                    || !provider.authnContexts().contains(Reading.shortText(kind.get()))) {
                throw new SamlException("saml_authentication_context");
            }
        }
    }
}

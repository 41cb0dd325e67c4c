package atlas.identity.saml;

import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.w3c.dom.Element;

/** What a verified logout message must say (SAML Core 3.7, Profiles 4.4). */
final class LogoutReader {
    private final AssertionRules rules;
    private final String logoutUrl;

    /** {@code rules} are those of the provider whose key verified the message. */
    LogoutReader(AssertionRules rules, String logoutUrl) {
        this.rules = rules;
        this.logoutUrl = logoutUrl;
    }

    SamlLogout.Requested request(Element message, Optional<String> relay) throws SamlException {
        envelope(message, "LogoutRequest");
        Optional<Instant> end = Reading.moment(message, "NotOnOrAfter");
        if (end.isPresent()
                && !rules.now().isBefore(end.get().plus(rules.provider().clockSkew()))) {
            throw new SamlException("saml_expired");
        }
        Set<String> indexes = new HashSet<>();
        for (Element index : Reading.children(message, Names.PROTOCOL, "SessionIndex")) {
            indexes.add(Reading.shortText(index));
        }
        SamlSubject subject =
                NameId.read(
                        message,
                        rules.provider(),
                        rules.audience(),
                        Optional.empty(),
                        Optional.empty());
        String state = relay.orElse("");
        if (state.length() > 1024) {
            throw new SamlException("saml_parameters");
        }
        return new SamlLogout.Requested(subject, indexes, Reading.required(message, "ID"), state);
    }

    /** The request it answers, and whether all went well. */
    SamlLogout.Answered answer(Element message, Set<String> outstanding) throws SamlException {
        envelope(message, "LogoutResponse");
        if (!outstanding.contains(Reading.required(message, "InResponseTo"))) {
            throw new SamlException("saml_in_response_to");
        }
        Element status = Reading.only(message, Names.PROTOCOL, "Status");
        Element code = Reading.only(status, Names.PROTOCOL, "StatusCode");
        boolean partial = !Reading.children(code, Names.PROTOCOL, "StatusCode").isEmpty();
        return new SamlLogout.Answered(
                !partial && Reading.required(code, "Value").equals(Names.SUCCESS));
    }

    private void envelope(Element message, String name) throws SamlException {
        if (!Reading.is(message, Names.PROTOCOL, name)) {
            throw new SamlException("saml_structure");
        }
        AssertionRules.version(message);
        rules.issuer(Reading.only(message, Names.ASSERTION, "Issuer"));
        if (!Reading.required(message, "Destination").equals(logoutUrl)) {
            throw new SamlException("saml_destination");
        }
        rules.fresh(message);
    }
}

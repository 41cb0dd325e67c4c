package atlas.identity.saml;

import java.util.Optional;
import org.w3c.dom.Element;

/** Reads a {@code NameID}, which has one spelling or is refused (SAML Core 2.2.2, 8.3). */
final class NameId {
    private NameId() {}

    /**
     * The subject named.
     *
     * @param owner the provider's entity id: the only qualifier a name may carry
     * @param audience ours, likewise
     */
    static SamlSubject read(
            Element subject,
            SamlConfig.Provider owner,
            String audience,
            Optional<String> sessionIndex,
            Optional<java.time.Instant> ends)
            throws SamlException {
        Element name = Reading.only(subject, Names.ASSERTION, "NameID");
        String format = Reading.attribute(name, "Format").orElse(Names.UNSPECIFIED);
        String qualifier = Reading.attribute(name, "NameQualifier").orElse("");
        String spQualifier = Reading.attribute(name, "SPNameQualifier").orElse("");
        // A name from somebody else's name space could be spelled like one of this provider's.
        if (!(qualifier.isEmpty() || qualifier.equals(owner.entityId()))
                || !(spQualifier.isEmpty() || spQualifier.equals(audience))) {
            throw new SamlException("saml_name_qualifier");
        }
        String text = Reading.shortText(name);
        if (!plain(text)) {
            throw new SamlException("saml_name_malformed");
        }
        return new SamlSubject(
                owner.name(), owner.entityId(), text, format, spQualifier, sessionIndex, ends);
    }

    /** Printable ASCII that no grant reads as a pattern and no name as two parts. */
    static boolean plain(String name) {
        return !name.isEmpty()
                && name.length() <= 200
                && name.chars().allMatch(c -> c > ' ' && c < 0x7f && "*`#".indexOf(c) < 0);
    }
}

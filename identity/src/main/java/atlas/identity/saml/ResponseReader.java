package atlas.identity.saml;

import java.security.PublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * From the bytes of a {@code Response} to the one assertion in it that a provider's key signed.
 *
 * <p>Either the response or the assertion is signed, and every signature there is must hold. What
 * comes out stands in a document made of signed octets alone. An encrypted assertion is opened only
 * below a signed response.
 */
final class ResponseReader {
    private static final Set<String> PARTS =
            Set.of(
                    Names.ASSERTION + " Issuer",
                    Names.SIGNATURE + " Signature",
                    Names.PROTOCOL + " Status",
                    Names.ASSERTION + " Assertion",
                    Names.ASSERTION + " EncryptedAssertion");

    /**
     * A response taken apart.
     *
     * @param response its own attributes and status; a document of signed octets when {@code
     *     signed}, else good for refusing only
     * @param assertion from signed octets
     */
    record Read(Element response, boolean signed, Element assertion) {}

    private final List<RSAPrivateCrtKey> decryption;

    ResponseReader(List<RSAPrivateCrtKey> decryption) {
        this.decryption = decryption;
    }

    /** The issuer as written, to look up whose keys to try; believed only once they verified. */
    static String claimedIssuer(byte[] message) throws SamlException {
        Element root = StrictXml.parse(message).getDocumentElement();
        return Reading.shortText(Reading.only(root, Names.ASSERTION, "Issuer"));
    }

    Read read(byte[] message, List<PublicKey> keys) throws SamlException {
        Document document = StrictXml.parse(message);
        Element response = document.getDocumentElement();
        if (!Reading.is(response, Names.PROTOCOL, "Response")) {
            throw new SamlException("saml_structure");
        }
        Reading.expect(response, PARTS);
        Optional<Element> assertion = oneAssertion(document, response);
        List<Element> signable = new ArrayList<>(List.of(response));
        assertion.ifPresent(signable::add);
        SignedElement.placement(document, signable);
        boolean signed = SignedElement.signatureOf(response).isPresent();
        Element outer = signed ? SignedElement.verified(response, keys) : response;
        // A refusal by the provider carries no assertion; its reason is more telling.
        status(outer);
        if (assertion.isPresent()) {
            return new Read(outer, signed, plain(assertion.get(), outer, signed, keys));
        }
        if (!signed) {
            throw new SamlException("saml_signature_missing");
        }
        Element encrypted = Reading.only(outer, Names.ASSERTION, "EncryptedAssertion");
        Element opened = Ciphertext.opened(encrypted, decryption);
        return new Read(outer, true, decrypted(opened, keys));
    }

    private static Optional<Element> oneAssertion(Document document, Element response)
            throws SamlException {
        NodeList plain = document.getElementsByTagNameNS("*", "Assertion");
        NodeList encrypted = document.getElementsByTagNameNS("*", "EncryptedAssertion");
        if (plain.getLength() + encrypted.getLength() > 1) {
            throw new SamlException("saml_assertion_count");
        }
        if (plain.getLength() == 0) {
            return Optional.empty();
        }
        Element assertion = (Element) plain.item(0);
        if (!Reading.is(assertion, Names.ASSERTION, "Assertion")
                || !response.isSameNode(assertion.getParentNode())) {
            throw new SamlException("saml_structure");
        }
        return Optional.of(assertion);
    }

    private static Element plain(
            Element assertion, Element outer, boolean signed, List<PublicKey> keys)
            throws SamlException {
        if (SignedElement.signatureOf(assertion).isPresent()) {
            return SignedElement.verified(assertion, keys);
        }
        if (!signed) {
            throw new SamlException("saml_signature_missing");
        }
        // Not the one of the message, but the one in the octets the response's signature covers.
        return Reading.only(outer, Names.ASSERTION, "Assertion");
    }

    private static Element decrypted(Element opened, List<PublicKey> keys) throws SamlException {
        Document document = opened.getOwnerDocument();
        if (!Reading.is(opened, Names.ASSERTION, "Assertion")
                || document.getElementsByTagNameNS("*", "Assertion").getLength() != 1
                || document.getElementsByTagNameNS("*", "EncryptedAssertion").getLength() != 0) {
            throw new SamlException("saml_assertion_count");
        }
        SignedElement.placement(document, List.of(opened));
        return SignedElement.signatureOf(opened).isPresent()
                ? SignedElement.verified(opened, keys)
                : opened;
    }

    private static void status(Element response) throws SamlException {
        Element status = Reading.only(response, Names.PROTOCOL, "Status");
        Element code = Reading.only(status, Names.PROTOCOL, "StatusCode");
        if (!Reading.required(code, "Value").equals(Names.SUCCESS)) {
            throw new SamlException("saml_status");
        }
    }
}

package atlas.identity.saml;

import java.io.IOException;
import java.io.InputStream;
import java.security.PublicKey;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.MarshalException;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureException;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * Verifies an enveloped signature and gives back what was signed, and only that.
 *
 * <p>The element returned is the root of a document of its own, parsed from the very octets whose
 * digest the signature covers. Nothing wrapped around, moved beside or hidden in the message is in
 * it, so a signature cannot vouch for one element while another is read.
 */
final class SignedElement {
    private static final XMLSignatureFactory FACTORY = XMLSignatureFactory.getInstance("DOM");
    private static final List<String> TRANSFORMS = List.of(Names.ENVELOPED, Names.EXCLUSIVE);
    private static final Set<String> PARTS = Set.of("SignedInfo", "SignatureValue", "KeyInfo");

    private SignedElement() {}

    /**
     * Refuses a signature that stands anywhere but second in one of {@code signable}, where the
     * standard puts it (SAML Core 5.4, schema order).
     */
    static void placement(Document document, List<Element> signable) throws SamlException {
        NodeList all = document.getElementsByTagNameNS(Names.SIGNATURE, "Signature");
        for (int i = 0; i < all.getLength(); i++) {
            Node parent = all.item(i).getParentNode();
            if (signable.stream().noneMatch(e -> e.isSameNode(parent))) {
                throw new SamlException("saml_signature_placement");
            }
        }
        if (document.getElementsByTagNameNS(Names.SIGNATURE, "Object").getLength() > 0) {
            throw new SamlException("saml_signature_placement");
        }
        for (Element element : signable) {
            List<Element> signatures = Reading.children(element, Names.SIGNATURE, "Signature");
            if (signatures.size() > 1) {
                throw new SamlException("saml_signature_placement");
            }
        }
    }

    static Optional<Element> signatureOf(Element element) throws SamlException {
        return Reading.child(element, Names.SIGNATURE, "Signature");
    }

    /**
     * What was signed, when one of the keys signed {@code element} by its own signature.
     *
     * @throws SamlException {@code saml_signature_untrusted} when no key fits; other reasons when
     *     no key could make it acceptable
     */
    static Element verified(Element element, List<PublicKey> keys) throws SamlException {
        Element signature =
                signatureOf(element).orElseThrow(() -> new SamlException("saml_signature_missing"));
        preview(signature);
        String id = Reading.required(element, "ID");
        // The only attribute of the document known as an ID: a reference can mean nothing else.
        element.setIdAttributeNS(null, "ID", true);
        for (PublicKey key : keys) {
            Optional<Element> signed = tried(signature, id, key);
            if (signed.isPresent()) {
                return same(signed.get(), element, id);
            }
        }
        throw new SamlException("saml_signature_untrusted");
    }

    // Only refuses, and so that the reason says what is wrong; what counts is checked in `form`.
    private static void preview(Element signature) throws SamlException {
        for (Element part : Reading.children(signature)) {
            if (!Names.SIGNATURE.equals(part.getNamespaceURI())
                    || !PARTS.contains(part.getLocalName())) {
                throw new SamlException("saml_signature_form");
            }
            if (part.getLocalName().equals("KeyInfo")) {
                // Keys come from the provider's metadata; what a stranger sends is not even parsed.
                signature.removeChild(part);
            }
        }
        allowed(signature, "SignatureMethod", Names.SIGNATURES.keySet(), "algorithm");
        allowed(signature, "DigestMethod", Names.DIGESTS, "algorithm");
        allowed(signature, "Transform", Set.copyOf(TRANSFORMS), "transforms");
    }

    private static void allowed(Element signature, String name, Set<String> values, String reason)
            throws SamlException {
        NodeList found = signature.getElementsByTagNameNS(Names.SIGNATURE, name);
        for (int i = 0; i < found.getLength(); i++) {
            if (!values.contains(((Element) found.item(i)).getAttributeNS(null, "Algorithm"))) {
                throw new SamlException("saml_signature_" + reason);
            }
        }
    }

    private static Optional<Element> tried(Element signature, String id, PublicKey key)
            throws SamlException {
        DOMValidateContext context =
                new DOMValidateContext(KeySelector.singletonKeySelector(key), signature);
        context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.TRUE);
        context.setProperty("javax.xml.crypto.dsig.cacheReference", Boolean.TRUE);
        try {
            XMLSignature read = FACTORY.unmarshalXMLSignature(context);
            Reference reference = form(read, id);
            if (!read.validate(context)) {
                return Optional.empty();
            }
            return Optional.of(StrictXml.parse(octets(reference)).getDocumentElement());
        } catch (MarshalException | ClassCastException e) {
            throw new SamlException("saml_signature_form");
        } catch (XMLSignatureException e) {
            // Also how a key of another kind than the method's ends.
            return Optional.empty();
        }
    }

    private static Reference form(XMLSignature signature, String id) throws SamlException {
        SignedInfo info = signature.getSignedInfo();
        if (!signature.getObjects().isEmpty()
                || !info.getCanonicalizationMethod().getAlgorithm().equals(Names.EXCLUSIVE)
                || info.getReferences().size() != 1) {
            throw new SamlException("saml_signature_form");
        }
        Reference reference = info.getReferences().get(0);
        if (!("#" + id).equals(reference.getURI())) {
            throw new SamlException("saml_signature_reference");
        }
        List<String> transforms =
                reference.getTransforms().stream().map(Transform::getAlgorithm).toList();
        if (!transforms.equals(TRANSFORMS)) {
            throw new SamlException("saml_signature_transforms");
        }
        if (!Names.SIGNATURES.containsKey(info.getSignatureMethod().getAlgorithm())
                || !Names.DIGESTS.contains(reference.getDigestMethod().getAlgorithm())) {
            throw new SamlException("saml_signature_algorithm");
        }
        return reference;
    }

    private static byte[] octets(Reference reference) throws SamlException {
        try (InputStream digested = reference.getDigestInputStream()) {
            return digested.readNBytes(StrictXml.MAX_BYTES + 1);
        } catch (IOException e) {
            throw new SamlException("saml_signature_form");
        }
    }

    private static Element same(Element signed, Element asked, String id) throws SamlException {
        if (!Reading.is(signed, String.valueOf(asked.getNamespaceURI()), asked.getLocalName())
                || !id.equals(signed.getAttributeNS(null, "ID"))) {
            throw new SamlException("saml_signature_reference");
        }
        return signed;
    }
}

package atlas.identity.saml;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.util.List;
import javax.xml.crypto.MarshalException;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.XMLSignatureException;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfo;
import javax.xml.crypto.dsig.keyinfo.KeyInfoFactory;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Signs what we say: documents by an enveloped signature, redirects by one over the query. */
final class Signer {
    private static final XMLSignatureFactory FACTORY = XMLSignatureFactory.getInstance("DOM");

    private final SamlKeys.Pair pair;

    Signer(SamlKeys.Pair pair) {
        this.pair = pair;
    }

    /** The URI of the method that this key signs by. */
    String method() {
        return pair.key().getAlgorithm().equals("RSA") ? Names.RSA_SHA256 : Names.ECDSA_SHA256;
    }

    /** Signs the root element by its {@code ID}, right after its issuer or as its first child. */
    byte[] sign(byte[] xml) {
        try {
            Document document = StrictXml.parse(xml);
            Element root = document.getDocumentElement();
            root.setIdAttributeNS(null, "ID", true);
            DOMSignContext context = new DOMSignContext(pair.key(), root, place(root));
            context.setDefaultNamespacePrefix("ds");
            FACTORY.newXMLSignature(info(root.getAttributeNS(null, "ID")), keyInfo()).sign(context);
            return text(document);
        } catch (SamlException
                | GeneralSecurityException
                | MarshalException
                | XMLSignatureException
                | TransformerException e) {
            throw new IllegalStateException("our own message can be signed", e);
        }
    }

    private static @Nullable Node place(Element root) {
        Node first = root.getFirstChild();
        return first instanceof Element element && Reading.is(element, Names.ASSERTION, "Issuer")
                ? first.getNextSibling()
                : first;
    }

    private SignedInfo info(String id) throws GeneralSecurityException {
        var exclusive =
                FACTORY.newCanonicalizationMethod(Names.EXCLUSIVE, (C14NMethodParameterSpec) null);
        Reference reference =
                FACTORY.newReference(
                        "#" + id,
                        FACTORY.newDigestMethod(DigestMethod.SHA256, null),
                        List.of(
                                FACTORY.newTransform(
                                        Names.ENVELOPED, (TransformParameterSpec) null),
                                FACTORY.newTransform(
                                        Names.EXCLUSIVE, (TransformParameterSpec) null)),
                        null,
                        null);
        return FACTORY.newSignedInfo(
                exclusive, FACTORY.newSignatureMethod(method(), null), List.of(reference));
    }

    private KeyInfo keyInfo() {
        KeyInfoFactory factory = FACTORY.getKeyInfoFactory();
        return factory.newKeyInfo(List.of(factory.newX509Data(List.of(pair.certificate()))));
    }

    private static byte[] text(Document document) throws TransformerException {
        var transformer = TransformerFactory.newDefaultInstance().newTransformer();
        transformer.setOutputProperty("omit-xml-declaration", "yes");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        transformer.transform(new DOMSource(document), new StreamResult(out));
        return out.toByteArray();
    }

    /** Signs a query string (SAML Bindings 3.4.4.1). */
    byte[] signQuery(byte[] query) {
        try {
            Signature signature =
                    Signature.getInstance(
                            method().equals(Names.RSA_SHA256)
                                    ? "SHA256withRSA"
                                    : "SHA256withECDSAinP1363Format");
            signature.initSign(pair.key());
            signature.update(query);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("our own key signs", e);
        }
    }
}

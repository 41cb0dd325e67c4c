package atlas.identity.saml;

import java.security.PrivateKey;
import java.util.List;
import java.util.function.Supplier;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfo;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Signs as a provider does, or as one that should not be believed. */
record XmlSigning(
        PrivateKey key,
        KeyInfo keyInfo,
        String method,
        String digest,
        String canonicalization,
        Supplier<List<Transform>> transforms) {
    static final XMLSignatureFactory FACTORY = XMLSignatureFactory.getInstance("DOM");

    static XmlSigning by(TestIdp idp, String name) {
        PrivateKey key = idp.key(name);
        var infos = FACTORY.getKeyInfoFactory();
        return new XmlSigning(
                key,
                infos.newKeyInfo(List.of(infos.newX509Data(List.of(idp.certificate(name))))),
                key.getAlgorithm().equals("RSA") ? Names.RSA_SHA256 : Names.ECDSA_SHA256,
                Names.SHA256,
                Names.EXCLUSIVE,
                () -> List.of(transform(Names.ENVELOPED), transform(Names.EXCLUSIVE)));
    }

    static Transform transform(String algorithm) {
        return transform(algorithm, null);
    }

    static Transform transform(String algorithm, @Nullable TransformParameterSpec how) {
        try {
            return FACTORY.newTransform(algorithm, how);
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    XmlSigning method(String other) {
        return new XmlSigning(key, keyInfo, other, digest, canonicalization, transforms);
    }

    XmlSigning digest(String other) {
        return new XmlSigning(key, keyInfo, method, other, canonicalization, transforms);
    }

    XmlSigning canonicalization(String other) {
        return new XmlSigning(key, keyInfo, method, digest, other, transforms);
    }

    /** Made anew for each signature: the library's transforms remember where they were used. */
    XmlSigning transforms(Supplier<List<Transform>> other) {
        return new XmlSigning(key, keyInfo, method, digest, canonicalization, other);
    }

    String sign(String xml, String id) {
        return sign(xml, id, "#" + id);
    }

    /** Signs the element with that ID, right after its issuer, by a reference to anything. */
    String sign(String xml, String id, String reference) {
        Document document = TestIdp.dom(xml);
        Element element = byId(document, id);
        try {
            Element first = (Element) element.getFirstChild();
            boolean issuer = "Issuer".equals(first.getLocalName());
            DOMSignContext context =
                    new DOMSignContext(key, element, issuer ? first.getNextSibling() : first);
            context.setDefaultNamespacePrefix("ds");
            context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.FALSE);
            Reference one =
                    FACTORY.newReference(
                            reference,
                            FACTORY.newDigestMethod(digest, null),
                            transforms.get(),
                            null,
                            null);
            SignedInfo info =
                    FACTORY.newSignedInfo(
                            FACTORY.newCanonicalizationMethod(
                                    canonicalization, (C14NMethodParameterSpec) null),
                            FACTORY.newSignatureMethod(method, null),
                            List.of(one));
            FACTORY.newXMLSignature(info, keyInfo).sign(context);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return TestIdp.text(document);
    }

    static Element byId(Document document, String id) {
        NodeList all = document.getElementsByTagName("*");
        Element found = null;
        for (int i = 0; i < all.getLength(); i++) {
            Element element = (Element) all.item(i);
            if (element.hasAttribute("ID")) {
                element.setIdAttribute("ID", true);
                if (element.getAttribute("ID").equals(id)) {
                    found = element;
                }
            }
        }
        if (found == null) {
            throw new AssertionError("no element with ID " + id);
        }
        return found;
    }
}

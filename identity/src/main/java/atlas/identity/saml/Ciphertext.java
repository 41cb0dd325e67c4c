package atlas.identity.saml;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPrivateCrtKey;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.XMLConstants;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.encodings.OAEPEncoding;
import org.bouncycastle.crypto.engines.RSABlindedEngine;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.w3c.dom.Attr;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;

/**
 * Opens an encrypted element (XML Encryption 1.1): AES-GCM under a key wrapped by RSA-OAEP with
 * SHA-256. CBC, PKCS#1 v1.5 and SHA-1 are refused, and so is anything that points elsewhere.
 *
 * <p>INVARIANT: called only below an element whose signature was verified, so that a stranger
 * cannot have anything decrypted, nor learn from how it fails.
 */
final class Ciphertext {
    private static final Map<String, Integer> KEY_BYTES =
            Map.of(Names.AES_256_GCM, 32, Names.AES_128_GCM, 16);
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;

    private Ciphertext() {}

    /** The element inside an {@code EncryptedAssertion}, in a document of its own. */
    static Element opened(Element encrypted, List<RSAPrivateCrtKey> keys) throws SamlException {
        Element payload = Reading.only(encrypted, Names.ENCRYPTION, "EncryptedData");
        String method = algorithm(payload);
        Integer size = KEY_BYTES.get(method);
        if (size == null) {
            throw new SamlException("saml_encryption_algorithm");
        }
        byte[] wrapped = value(wrappedKey(encrypted, payload));
        byte[] sealed = value(payload);
        for (RSAPrivateCrtKey key : keys) {
            byte[] plain = plain(key, wrapped, size, sealed);
            if (plain != null) {
                return inContext(encrypted, plain);
            }
        }
        throw new SamlException("saml_decryption");
    }

    // Inside the key description of the data, or beside the data, where some put it.
    private static Element wrappedKey(Element encrypted, Element payload) throws SamlException {
        Element found =
                Reading.child(payload, Names.SIGNATURE, "KeyInfo")
                        .map(info -> Reading.children(info, Names.ENCRYPTION, "EncryptedKey"))
                        .filter(inside -> inside.size() == 1)
                        .map(inside -> inside.get(0))
                        .orElse(null);
        Element key =
                found != null ? found : Reading.only(encrypted, Names.ENCRYPTION, "EncryptedKey");
        if (!algorithm(key).equals(Names.RSA_OAEP)) {
            throw new SamlException("saml_encryption_algorithm");
        }
        Element method = Reading.only(key, Names.ENCRYPTION, "EncryptionMethod");
        Element digest = Reading.only(method, Names.SIGNATURE, "DigestMethod");
        Element mask = Reading.only(method, Names.ENCRYPTION_11, "MGF");
        if (!Reading.required(digest, "Algorithm").equals(Names.SHA256)
                || !Reading.required(mask, "Algorithm").equals(Names.MGF_SHA256)
                || !Reading.children(method, Names.ENCRYPTION, "OAEPparams").isEmpty()) {
            throw new SamlException("saml_encryption_algorithm");
        }
        return key;
    }

    private static String algorithm(Element encrypted) throws SamlException {
        return Reading.required(
                Reading.only(encrypted, Names.ENCRYPTION, "EncryptionMethod"), "Algorithm");
    }

    private static byte[] value(Element encrypted) throws SamlException {
        Element data = Reading.only(encrypted, Names.ENCRYPTION, "CipherData");
        String text = Reading.text(Reading.only(data, Names.ENCRYPTION, "CipherValue"));
        return PostBinding.base64(text);
    }

    private static byte @org.jspecify.annotations.Nullable [] plain(
            RSAPrivateCrtKey key, byte[] wrapped, int size, byte[] sealed) {
        if (sealed.length <= IV_BYTES + TAG_BITS / 8) {
            return null;
        }
        OAEPEncoding padding =
                new OAEPEncoding(
                        new RSABlindedEngine(), new SHA256Digest(), new SHA256Digest(), null);
        // With all of its parts, so that the engine blinds what it computes.
        padding.init(
                false,
                new RSAPrivateCrtKeyParameters(
                        key.getModulus(),
                        key.getPublicExponent(),
                        key.getPrivateExponent(),
                        key.getPrimeP(),
                        key.getPrimeQ(),
                        key.getPrimeExponentP(),
                        key.getPrimeExponentQ(),
                        key.getCrtCoefficient()));
        try {
            byte[] secret = padding.processBlock(wrapped, 0, wrapped.length);
            if (secret.length != size) {
                return null;
            }
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    new SecretKeySpec(secret, "AES"),
                    new GCMParameterSpec(TAG_BITS, sealed, 0, IV_BYTES));
            return cipher.doFinal(sealed, IV_BYTES, sealed.length - IV_BYTES);
        } catch (InvalidCipherTextException
                | GeneralSecurityException
                | org.bouncycastle.crypto.DataLengthException e) {
            // Not for this key; whether any fits is all that is told.
            return null;
        }
    }

    /**
     * The plaintext is a fragment: prefixes declared around the ciphertext hold in it too (XML
     * Encryption 1.1 section 4.4).
     */
    private static Element inContext(Element encrypted, byte[] plain) throws SamlException {
        StringBuilder text = new StringBuilder("<fragment");
        declarations(encrypted)
                .forEach((name, value) ->
                        text.append(' ')
                                .append(name)
                                .append("=\"")
                                .append(Xml.escaped(value))
                                .append('"'));
        text.append('>').append(new String(plain, StandardCharsets.UTF_8)).append("</fragment>");
        if (text.length() > StrictXml.MAX_BYTES) {
            throw new SamlException("saml_size");
        }
        Element root = StrictXml.parse(text.toString()).getDocumentElement();
        List<Element> inside = Reading.children(root);
        if (inside.size() != 1) {
            throw new SamlException("saml_structure");
        }
        return inside.get(0);
    }

    private static Map<String, String> declarations(Element element) {
        Map<String, String> found = new TreeMap<>();
        for (Node at = element; at instanceof Element e; at = at.getParentNode()) {
            NamedNodeMap attributes = e.getAttributes();
            for (int i = 0; i < attributes.getLength(); i++) {
                Attr attribute = (Attr) attributes.item(i);
                if (XMLConstants.XMLNS_ATTRIBUTE_NS_URI.equals(attribute.getNamespaceURI())) {
                    found.putIfAbsent(attribute.getName(), attribute.getValue());
                }
            }
        }
        return found;
    }
}

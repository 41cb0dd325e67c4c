package atlas.identity.saml;

import java.util.Base64;

/** The HTTP POST binding's encoding (SAML Bindings 3.5.4). */
final class PostBinding {
    private PostBinding() {}

    static String encoded(byte[] message) {
        return Base64.getEncoder().encodeToString(message);
    }

    static byte[] decoded(String text) throws SamlException {
        if (text.length() > StrictXml.MAX_BYTES / 3 * 4) {
            throw new SamlException("saml_size");
        }
        return base64(text);
    }

    /** Base64 of RFC 4648; line ends and spaces between are what some wrap it with. */
    static byte[] base64(String text) throws SamlException {
        StringBuilder packed = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\n' && c != '\r' && c != ' ' && c != '\t') {
                packed.append(c);
            }
        }
        if (packed.isEmpty()) {
            throw new SamlException("saml_encoding");
        }
        try {
            return Base64.getDecoder().decode(packed.toString());
        } catch (IllegalArgumentException e) {
            throw new SamlException("saml_encoding");
        }
    }
}

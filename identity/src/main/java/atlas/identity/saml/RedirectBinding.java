package atlas.identity.saml;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The HTTP Redirect binding with its detached signature (SAML Bindings 3.4). The signature covers
 * the query as it was on the wire, so the raw query is kept until it was verified.
 */
final class RedirectBinding {
    private static final Set<String> KNOWN =
            Set.of("SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature");
    private static final int MAX_MESSAGE = 64 << 10;

    private RedirectBinding() {}

    /**
     * A query taken apart.
     *
     * @param kind {@code SAMLRequest} or {@code SAMLResponse}
     * @param signed the octets that the signature covers
     */
    record Message(
            String kind,
            byte[] xml,
            Optional<String> relay,
            String algorithm,
            byte[] signed,
            byte[] signature) {}

    static URI signed(URI place, String kind, byte[] xml, Optional<String> relay, Signer signer) {
        StringBuilder query = new StringBuilder();
        add(query, kind, Base64.getEncoder().encodeToString(deflated(xml)));
        relay.ifPresent(state -> add(query, "RelayState", state));
        add(query, "SigAlg", signer.method());
        byte[] signature = signer.signQuery(query.toString().getBytes(StandardCharsets.US_ASCII));
        add(query, "Signature", Base64.getEncoder().encodeToString(signature));
        String separator = place.getRawQuery() == null ? "?" : "&";
        return URI.create(place + separator + query);
    }

    private static void add(StringBuilder query, String name, String value) {
        query.append(query.isEmpty() ? "" : "&")
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }

    /** Takes a raw query apart; every parameter once, none unknown, a signature there. */
    static Message read(String query) throws SamlException {
        Map<String, String> raw = new HashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1 || !KNOWN.contains(pair.substring(0, equals))) {
                throw new SamlException("saml_parameters");
            }
            if (raw.put(pair.substring(0, equals), pair.substring(equals + 1)) != null) {
                throw new SamlException("saml_parameters");
            }
        }
        String kind = raw.containsKey("SAMLRequest") ? "SAMLRequest" : "SAMLResponse";
        if (!raw.containsKey(kind)
                || (raw.containsKey("SAMLRequest") && raw.containsKey("SAMLResponse"))) {
            throw new SamlException("saml_parameters");
        }
        if (!raw.containsKey("SigAlg") || !raw.containsKey("Signature")) {
            throw new SamlException("saml_signature_missing");
        }
        StringBuilder signed = new StringBuilder(kind + "=" + raw.get(kind));
        if (raw.containsKey("RelayState")) {
            signed.append("&RelayState=").append(raw.get("RelayState"));
        }
        signed.append("&SigAlg=").append(raw.get("SigAlg"));
        return new Message(
                kind,
                inflated(PostBinding.base64(decoded(raw, kind).orElseThrow())),
                decoded(raw, "RelayState"),
                decoded(raw, "SigAlg").orElseThrow(),
                signed.toString().getBytes(StandardCharsets.UTF_8),
                PostBinding.base64(decoded(raw, "Signature").orElseThrow()));
    }

    private static Optional<String> decoded(Map<String, String> raw, String name)
            throws SamlException {
        String value = raw.get(name);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(URLDecoder.decode(value, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new SamlException("saml_encoding");
        }
    }

    static void verify(Message message, List<PublicKey> keys) throws SamlException {
        String algorithm = Names.SIGNATURES.get(message.algorithm);
        if (algorithm == null) {
            throw new SamlException("saml_signature_algorithm");
        }
        for (PublicKey key : keys) {
            if (key.getAlgorithm().equals("EC") == algorithm.endsWith("withECDSA")
                    && (holds(message, key, algorithm)
                            // XML Signature says r and s side by side; many send DER.
                            || (algorithm.endsWith("withECDSA")
                                    && holds(message, key, algorithm + "inP1363Format")))) {
                return;
            }
        }
        throw new SamlException("saml_signature_untrusted");
    }

    private static boolean holds(Message message, PublicKey key, String algorithm) {
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initVerify(key);
            signature.update(message.signed);
            return signature.verify(message.signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static byte[] deflated(byte[] xml) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        try {
            deflater.setInput(xml);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[1024];
            while (!deflater.finished()) {
                out.write(buffer, 0, deflater.deflate(buffer));
            }
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }

    private static byte[] inflated(byte[] packed) throws SamlException {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(packed);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[4096];
            while (!inflater.finished()) {
                int read = inflater.inflate(buffer);
                out.write(buffer, 0, read);
                if (out.size() > MAX_MESSAGE) {
                    throw new SamlException("saml_size");
                }
                if (read == 0 && !inflater.finished()) {
                    throw new SamlException("saml_encoding");
                }
            }
            if (inflater.getRemaining() > 0) {
                throw new SamlException("saml_encoding");
            }
            return out.toByteArray();
        } catch (DataFormatException e) {
            throw new SamlException("saml_encoding");
        } finally {
            inflater.end();
        }
    }
}

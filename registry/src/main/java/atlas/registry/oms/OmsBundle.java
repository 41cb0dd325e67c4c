package atlas.registry.oms;

import atlas.registry.json.StrictJson;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A Sigstore bundle v0.3 as OMS uses it, read but not believed.
 *
 * @param keyClaim who the bundle says signed; only ever compared with keys we hold
 * @param chain certificates, leaf first; empty in key mode
 * @param payload the exact bytes that were signed
 */
record OmsBundle(
        Mode mode,
        KeyClaim keyClaim,
        List<byte[]> chain,
        byte[] payload,
        String payloadType,
        byte[] signature) {
    static final int MAX_BYTES = 64 << 20;
    static final String MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";

    private static final int MAX_CHAIN = 8;

    /** How the signer is named. */
    enum Mode {
        KEY,
        CERTIFICATE,
        SIGSTORE
    }

    /** What a bundle says about its key: the hint, or in releases before 1.1 the key's own text. */
    record KeyClaim(Optional<String> hint, Optional<byte[]> raw) {
        static final KeyClaim NONE = new KeyClaim(Optional.empty(), Optional.empty());
    }

    static OmsBundle parse(byte[] bytes) throws Refused {
        if (bytes.length > MAX_BYTES) {
            throw new Refused("the signature file is larger than 64 MiB");
        }
        JsonNode root;
        try {
            root = StrictJson.parse(bytes);
        } catch (StrictJson.NotJson e) {
            throw new Refused("the signature file is not strict JSON: " + e.getMessage());
        }
        only(root, "bundle", Set.of("mediaType", "verificationMaterial", "dsseEnvelope"));
        if (!text(root, "mediaType").equals(MEDIA_TYPE)) {
            throw new Refused("the bundle's mediaType is not `" + MEDIA_TYPE + "`");
        }
        JsonNode material = object(root, "verificationMaterial");
        JsonNode envelope = object(root, "dsseEnvelope");
        Mode mode = mode(material);
        only(envelope, "envelope", Set.of("payload", "payloadType", "signatures"));
        JsonNode signatures = envelope.path("signatures");
        if (!signatures.isArray() || signatures.size() != 1) {
            throw new Refused("an envelope holds exactly one signature");
        }
        JsonNode signature = signatures.get(0);
        only(signature, "signature", Set.of("sig", "keyid"));
        KeyClaim claim = mode == Mode.KEY ? claim(material.get("publicKey")) : KeyClaim.NONE;
        keyid(signature, claim);
        return new OmsBundle(
                mode,
                claim,
                mode == Mode.CERTIFICATE ? chain(material) : List.of(),
                base64(envelope, "payload"),
                text(envelope, "payloadType"),
                base64(signature, "sig"));
    }

    private static Mode mode(JsonNode material) throws Refused {
        Set<String> known =
                Set.of(
                        "publicKey",
                        "x509CertificateChain",
                        "certificate",
                        "tlogEntries",
                        "timestampVerificationData");
        only(material, "verificationMaterial", known);
        boolean key = material.has("publicKey");
        boolean chain = material.has("x509CertificateChain");
        boolean keyless = material.has("certificate");
        if ((key ? 1 : 0) + (chain ? 1 : 0) + (keyless ? 1 : 0) != 1) {
            throw new Refused("the bundle names its signer in no way, or in more than one");
        }
        if (!keyless && !material.path("tlogEntries").isEmpty()) {
            throw new Refused("a bundle with a key or a certificate chain has no log entries");
        }
        return key ? Mode.KEY : chain ? Mode.CERTIFICATE : Mode.SIGSTORE;
    }

    private static KeyClaim claim(JsonNode publicKey) throws Refused {
        only(publicKey, "publicKey", Set.of("hint", "rawBytes", "keyDetails"));
        Optional<String> hint =
                publicKey.has("hint") ? Optional.of(text(publicKey, "hint")) : Optional.empty();
        Optional<byte[]> raw =
                publicKey.has("rawBytes")
                        ? Optional.of(base64(publicKey, "rawBytes"))
                        : Optional.empty();
        if (hint.isPresent() == raw.isPresent()) {
            throw new Refused("the bundle does not identify its key by a hint");
        }
        return new KeyClaim(hint, raw);
    }

    // protobuf-specs: the key id, when given, equals the hint. OMS writers leave it empty.
    private static void keyid(JsonNode signature, KeyClaim claim) throws Refused {
        JsonNode keyid = signature.path("keyid");
        if (keyid.isMissingNode() || keyid.isNull()) {
            return;
        }
        if (!keyid.isTextual()) {
            throw new Refused("the signature's keyid is not text");
        }
        if (!keyid.textValue().isEmpty() && !claim.hint().equals(Optional.of(keyid.textValue()))) {
            throw new Refused("the signature's keyid differs from the key's hint");
        }
    }

    private static List<byte[]> chain(JsonNode material) throws Refused {
        JsonNode chain = object(material, "x509CertificateChain");
        only(chain, "x509CertificateChain", Set.of("certificates"));
        JsonNode certificates = chain.path("certificates");
        if (!certificates.isArray() || certificates.isEmpty() || certificates.size() > MAX_CHAIN) {
            throw new Refused("a certificate chain has 1 to 8 certificates");
        }
        List<byte[]> ders = new ArrayList<>();
        for (JsonNode certificate : certificates) {
            only(certificate, "certificate", Set.of("rawBytes"));
            ders.add(base64(certificate, "rawBytes"));
        }
        return ders;
    }

    static void only(JsonNode node, String what, Set<String> names) throws Refused {
        if (!node.isObject()) {
            throw new Refused("`" + what + "` is not an object");
        }
        for (Iterator<String> it = node.fieldNames(); it.hasNext(); ) {
            if (!names.contains(it.next())) {
                throw new Refused("`" + what + "` has a field that does not belong there");
            }
        }
    }

    static JsonNode object(JsonNode node, String name) throws Refused {
        JsonNode value = node.path(name);
        if (!value.isObject()) {
            throw new Refused("`" + name + "` is missing or not an object");
        }
        return value;
    }

    static String text(JsonNode node, String name) throws Refused {
        JsonNode value = node.path(name);
        if (!value.isTextual()) {
            throw new Refused("`" + name + "` is missing or not text");
        }
        return value.textValue();
    }

    // Only the canonical spelling: a decoder's leniency is a second reading.
    private static byte[] base64(JsonNode node, String name) throws Refused {
        String value = text(node, name);
        try {
            byte[] bytes = Base64.getDecoder().decode(value);
            if (Base64.getEncoder().encodeToString(bytes).equals(value)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new Refused("`" + name + "` is not base64");
        }
        throw new Refused("`" + name + "` is not canonical base64");
    }
}

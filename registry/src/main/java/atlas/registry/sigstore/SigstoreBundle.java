package atlas.registry.sigstore;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Sigstore bundle, read but not believed.
 *
 * @param version minor version of the format: 1, 2 or 3
 * @param hint the key's identifier, in a bundle that names a key
 * @param chain certificates, leaf first, in a bundle that names a certificate
 */
public record SigstoreBundle(
        int version,
        Optional<String> hint,
        List<byte[]> chain,
        List<LogEntry> entries,
        List<byte[]> timestamps,
        Content content) {
    private static final int MOST = 8;
    private static final String PLAIN = "application/vnd.dev.sigstore.bundle+json;version=0.";
    private static final Map<String, Integer> MEDIA_TYPES =
            Map.of(
                    PLAIN + "1",
                    1,
                    PLAIN + "2",
                    2,
                    PLAIN + "3",
                    3,
                    "application/vnd.dev.sigstore.bundle.v0.3+json",
                    3);

    /** What was signed. */
    public sealed interface Content {
        byte[] signature();

        /** A file, by its SHA-256; empty when only the log entry says it. */
        record Message(Optional<byte[]> sha256, byte[] signature) implements Content {}

        /** A DSSE envelope: the exact bytes of its payload. */
        record Envelope(String payloadType, byte[] payload, byte[] signature) implements Content {}
    }

    public static SigstoreBundle parse(byte[] json) throws Unproven {
        Fields root = Fields.parse(json, "the bundle");
        root.only("mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope");
        Integer version = MEDIA_TYPES.get(root.text("mediaType"));
        if (version == null) {
            throw new Unproven("the bundle's mediaType is not one of v0.1, v0.2 and v0.3");
        }
        Fields material = root.object("verificationMaterial");
        material.only(
                "publicKey",
                "certificate",
                "x509CertificateChain",
                "tlogEntries",
                "timestampVerificationData");
        List<LogEntry> entries = new ArrayList<>();
        for (Fields entry : material.objects("tlogEntries", MOST)) {
            entries.add(LogEntry.parse(entry));
        }
        return new SigstoreBundle(
                version,
                hint(material),
                chain(material, version),
                List.copyOf(entries),
                timestamps(material),
                content(root));
    }

    private static Optional<String> hint(Fields material) throws Unproven {
        int ways = 0;
        for (String way : List.of("publicKey", "certificate", "x509CertificateChain")) {
            ways += material.has(way) ? 1 : 0;
        }
        if (ways != 1) {
            throw new Unproven("the bundle names its signer in no way, or in more than one");
        }
        return material.has("publicKey")
                ? Optional.of(material.object("publicKey").only("hint").text("hint"))
                : Optional.empty();
    }

    private static List<byte[]> chain(Fields material, int version) throws Unproven {
        if (material.has("certificate")) {
            return List.of(material.object("certificate").only("rawBytes").base64("rawBytes"));
        }
        if (!material.has("x509CertificateChain")) {
            return List.of();
        }
        if (version >= 3) {
            throw new Unproven("a bundle of v0.3 names one certificate, not a chain");
        }
        List<byte[]> chain = new ArrayList<>();
        for (Fields certificate :
                material.object("x509CertificateChain")
                        .only("certificates")
                        .objects("certificates", MOST)) {
            chain.add(certificate.only("rawBytes").base64("rawBytes"));
        }
        if (chain.isEmpty()) {
            throw new Unproven("the bundle's certificate chain is empty");
        }
        return chain;
    }

    private static List<byte[]> timestamps(Fields material) throws Unproven {
        List<byte[]> timestamps = new ArrayList<>();
        if (material.has("timestampVerificationData")) {
            Fields data = material.object("timestampVerificationData").only("rfc3161Timestamps");
            for (Fields timestamp : data.objects("rfc3161Timestamps", MOST)) {
                timestamps.add(timestamp.only("signedTimestamp").base64("signedTimestamp"));
            }
        }
        return timestamps;
    }

    private static Content content(Fields root) throws Unproven {
        if (root.has("messageSignature") == root.has("dsseEnvelope")) {
            throw new Unproven("a bundle holds either a signature of a file or an envelope");
        }
        return root.has("dsseEnvelope")
                ? envelope(root.object("dsseEnvelope"))
                : message(root.object("messageSignature"));
    }

    private static Content envelope(Fields envelope) throws Unproven {
        envelope.only("payload", "payloadType", "signatures");
        List<Fields> signatures = envelope.objects("signatures", MOST);
        if (signatures.size() != 1) {
            throw new Unproven("an envelope holds exactly one signature");
        }
        return new Content.Envelope(
                envelope.text("payloadType"),
                envelope.base64("payload"),
                signatures.getFirst().only("sig", "keyid").base64("sig"));
    }

    private static Content message(Fields message) throws Unproven {
        message.only("messageDigest", "signature");
        Optional<byte[]> sha256 = Optional.empty();
        if (message.has("messageDigest")) {
            Fields digest = message.object("messageDigest").only("algorithm", "digest");
            if (!digest.text("algorithm").equals("SHA2_256")) {
                throw new Unproven("only files signed by their SHA-256 are read");
            }
            sha256 = Optional.of(digest.base64("digest"));
        }
        return new Content.Message(sha256, message.base64("signature"));
    }
}

package atlas.registry.sigstore;

import atlas.core.crypto.Hashes;
import atlas.registry.sigstore.SigstoreBundle.Content;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a log entry is about: the digest that was signed, the signature, and who made it. An entry
 * that is not about this very signature proves nothing about it.
 *
 * @param sha256 of the file, of the envelope's payload, or of what an envelope's signer signs
 */
record EntryBody(Covers covers, byte[] sha256, byte[] signature, byte[] signer) {
    private static final Pattern PEM =
            Pattern.compile(
                    "\\s*-----BEGIN (CERTIFICATE|PUBLIC KEY)-----([A-Za-z0-9+/=\\s]+)"
                            + "-----END \\1-----\\s*");

    /** What the digest is of. */
    enum Covers {
        SIGNED_BYTES,
        PAYLOAD
    }

    static EntryBody parse(LogEntry entry) throws Unproven {
        Fields body = Fields.parse(entry.body(), "the log entry's body");
        if (!body.text("kind").equals(entry.kind())
                || !body.text("apiVersion").equals(entry.version())) {
            throw new Unproven("the log entry's body is of another kind than the entry says");
        }
        Fields spec = body.object("spec");
        return switch (entry.kind() + " " + entry.version()) {
            case "hashedrekord 0.0.1" -> hashedRekord(spec);
            case "hashedrekord 0.0.2" -> hashedRekord2(spec.object("hashedRekordV002"));
            case "dsse 0.0.1" -> dsse(spec);
            case "dsse 0.0.2" -> dsse2(spec.object("dsseV002"));
            case "intoto 0.0.2" -> inToto(spec.object("content"));
            default -> throw new Unproven("a log entry of this kind is not read");
        };
    }

    private static EntryBody hashedRekord(Fields spec) throws Unproven {
        Fields signature = spec.object("signature");
        return new EntryBody(
                Covers.SIGNED_BYTES,
                sha256(spec.object("data").object("hash")),
                signature.base64("content"),
                pem(signature.object("publicKey").base64("content")));
    }

    private static EntryBody hashedRekord2(Fields spec) throws Unproven {
        Fields signature = spec.object("signature");
        return new EntryBody(
                Covers.SIGNED_BYTES,
                sha256Of2(spec.object("data")),
                signature.base64("content"),
                verifier(signature));
    }

    private static EntryBody dsse(Fields spec) throws Unproven {
        Fields signature = one(spec, "signatures");
        return new EntryBody(
                Covers.PAYLOAD,
                sha256(spec.object("payloadHash")),
                signature.base64("signature"),
                pem(signature.base64("verifier")));
    }

    private static EntryBody dsse2(Fields spec) throws Unproven {
        Fields signature = one(spec, "signatures");
        return new EntryBody(
                Covers.PAYLOAD,
                sha256Of2(spec.object("payloadHash")),
                signature.base64("content"),
                verifier(signature));
    }

    // Its writers encoded the signature twice.
    private static EntryBody inToto(Fields content) throws Unproven {
        Fields signature = one(content.object("envelope"), "signatures");
        String inner = new String(signature.base64("sig"), StandardCharsets.US_ASCII);
        return new EntryBody(
                Covers.PAYLOAD,
                sha256(content.object("payloadHash")),
                Fields.base64(inner, "sig"),
                pem(signature.base64("publicKey")));
    }

    private static Fields one(Fields fields, String name) throws Unproven {
        List<Fields> list = fields.objects(name, 1);
        if (list.isEmpty()) {
            throw new Unproven("the log entry's body has no signature");
        }
        return list.getFirst();
    }

    private static byte[] sha256(Fields hash) throws Unproven {
        if (!hash.text("algorithm").equals("sha256")) {
            throw new Unproven("the log entry's body has a digest other than SHA-256");
        }
        return hash.hex("value");
    }

    private static byte[] sha256Of2(Fields hash) throws Unproven {
        if (!hash.text("algorithm").equals("SHA2_256")) {
            throw new Unproven("the log entry's body has a digest other than SHA-256");
        }
        return hash.base64("digest");
    }

    private static byte[] verifier(Fields signature) throws Unproven {
        Fields verifier = signature.object("verifier");
        return verifier.object(verifier.has("publicKey") ? "publicKey" : "x509Certificate")
                .base64("rawBytes");
    }

    private static byte[] pem(byte[] text) throws Unproven {
        Matcher pem = PEM.matcher(new String(text, StandardCharsets.US_ASCII));
        if (!pem.matches()) {
            throw new Unproven("the log entry's body does not hold its signer in PEM");
        }
        return Fields.base64(pem.group(2).replaceAll("\\s", ""), "the signer in the log entry");
    }

    /**
     * Requires that this is about a bundle's content and signer.
     *
     * @param der the signer's certificate or key, as in the bundle or as trusted here
     */
    void requireAbout(Content content, byte[] der) throws Unproven {
        byte[] expected =
                switch (content) {
                    case Content.Message message -> message.sha256().orElse(sha256);
                    case Content.Envelope envelope ->
                            Hashes.sha256(
                                            covers == Covers.PAYLOAD
                                                    ? envelope.payload()
                                                    : preAuthentication(envelope))
                                    .bytes();
                };
        if (content instanceof Content.Message && covers == Covers.PAYLOAD) {
            throw new Unproven("the log entry is about an envelope, the bundle about a file");
        }
        if (!MessageDigest.isEqual(expected, sha256)) {
            throw new Unproven("the log entry is about other content");
        }
        if (!MessageDigest.isEqual(content.signature(), signature)) {
            throw new Unproven("the log entry is about another signature");
        }
        if (!MessageDigest.isEqual(der, signer)) {
            throw new Unproven("the log entry names another signer");
        }
    }

    /** DSSE v1: lengths are in bytes. */
    static byte[] preAuthentication(Content.Envelope envelope) {
        String type = envelope.payloadType();
        int typeBytes = type.getBytes(StandardCharsets.UTF_8).length;
        byte[] head =
                ("DSSEv1 " + typeBytes + " " + type + " " + envelope.payload().length + " ")
                        .getBytes(StandardCharsets.UTF_8);
        byte[] all = java.util.Arrays.copyOf(head, head.length + envelope.payload().length);
        System.arraycopy(envelope.payload(), 0, all, head.length, envelope.payload().length);
        return all;
    }
}

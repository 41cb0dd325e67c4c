package atlas.registry.oms;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Signs models in the OpenSSF Model Signing v1.0 format: by files, SHA-256, names in spec order.
 * Blocks while it reads the files. Thread-safe.
 */
public final class OmsSigner {
    /** Left out of every signature, and recorded in it as left out. */
    private static final List<String> IGNORED =
            List.of(
                    ".git",
                    ".gitattributes",
                    ".github",
                    ".gitignore",
                    "model.sig",
                    SecondSignature.FILE);

    private static final int BUFFER_BYTES = 1 << 18;

    private OmsSigner() {}

    /**
     * The bundle for a folder or a single file.
     *
     * @param chain the signer's certificates, leaf first, without the root; empty for a bare key
     * @throws OmsException when the key cannot sign, or the model holds what a strict verifier
     *     would refuse
     */
    public static byte[] sign(Path model, PrivateKey key, Optional<List<X509Certificate>> chain) {
        EcCurve curve =
                EcCurve.of(key)
                        .orElseThrow(() ->
                                new OmsException(
                                        "models are signed with EC keys on P-256, P-384"
                                                + " or P-521",
                                        null));
        try {
            PublicKey publicKey = publicKey(curve, key, chain);
            byte[] payload = payload(model);
            Signature signature = Signature.getInstance(curve.signature());
            signature.initSign(key);
            signature.update(OmsTrust.preAuthentication(OmsStatement.PAYLOAD_TYPE, payload));
            return bundle(publicKey, chain, payload, signature.sign());
        } catch (GeneralSecurityException e) {
            throw new OmsException("the key cannot sign", e);
        } catch (IOException e) {
            throw new OmsException("cannot read the model: " + e.getMessage(), e);
        }
    }

    private static PublicKey publicKey(
            EcCurve curve, PrivateKey key, Optional<List<X509Certificate>> chain)
            throws GeneralSecurityException {
        if (chain.isEmpty()) {
            return curve.publicKey(key);
        }
        if (chain.get().isEmpty()) {
            throw new OmsException("a certificate chain holds at least the signer's own", null);
        }
        PublicKey publicKey = chain.get().getFirst().getPublicKey();
        if (!EcCurve.of(publicKey).equals(Optional.of(curve)) || !curve.belong(key, publicKey)) {
            throw new OmsException("the first certificate is not of the signing key", null);
        }
        return publicKey;
    }

    private static byte[] payload(Path model) throws IOException {
        SortedMap<String, Digest> digests = digests(model);
        MessageDigest root = Hashes.sha256();
        digests.values().forEach(digest -> root.update(digest.bytes()));
        String subject = String.valueOf(model.toAbsolutePath().normalize().getFileName());
        return statement(subject, Digest.of(root.digest()), digests);
    }

    /** Digests of what gets signed, in spec order. */
    static SortedMap<String, Digest> digests(Path model) throws IOException {
        SortedMap<String, Digest> digests = new TreeMap<>(ResourceName.ORDER);
        if (Files.isRegularFile(model, LinkOption.NOFOLLOW_LINKS)) {
            digests.put(String.valueOf(model.getFileName()), digest(model));
            return digests;
        }
        ModelTree tree;
        try {
            tree = ModelTree.walk(model);
        } catch (Refused e) {
            throw new OmsException(e.reason() + "; a signed model holds regular files only", e);
        }
        for (String left : IGNORED) {
            if (tree.directories().contains(left)) {
                throw new OmsException(
                        "the folder `" + left + "` would be left out; remove it before signing",
                        null);
            }
        }
        for (String file : tree.files().keySet()) {
            if (!IGNORED.contains(file)) {
                digests.put(file, digest(model.resolve(file)));
            }
        }
        if (digests.isEmpty()) {
            throw new OmsException("there is no file to sign in `" + model + "`", null);
        }
        return digests;
    }

    private static Digest digest(Path file) throws IOException {
        MessageDigest digest = Hashes.sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return Digest.of(digest.digest());
    }

    private static byte[] statement(
            String subject, Digest root, SortedMap<String, Digest> digests) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("_type", OmsStatement.STATEMENT);
            out.writeArrayFieldStart("subject");
            out.writeStartObject();
            out.writeStringField("name", subject);
            out.writeObjectFieldStart("digest");
            out.writeStringField("sha256", root.hex());
            out.writeEndObject();
            out.writeEndObject();
            out.writeEndArray();
            out.writeStringField("predicateType", OmsStatement.PREDICATE);
            out.writeObjectFieldStart("predicate");
            serialization(out);
            resources(out, digests);
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    private static void serialization(JsonGenerator out) throws IOException {
        out.writeObjectFieldStart("serialization");
        out.writeStringField("method", "files");
        out.writeStringField("hash_type", "sha256");
        out.writeBooleanField("allow_symlinks", false);
        out.writeArrayFieldStart("ignore_paths");
        for (String path : IGNORED) {
            out.writeString(path);
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void resources(JsonGenerator out, SortedMap<String, Digest> digests)
            throws IOException {
        out.writeArrayFieldStart("resources");
        for (Map.Entry<String, Digest> file : digests.entrySet()) {
            out.writeStartObject();
            out.writeStringField("name", file.getKey());
            out.writeStringField("algorithm", "sha256");
            out.writeStringField("digest", file.getValue().hex());
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static byte[] bundle(
            PublicKey key, Optional<List<X509Certificate>> chain, byte[] payload, byte[] sig) {
        Base64.Encoder base64 = Base64.getEncoder();
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("mediaType", OmsBundle.MEDIA_TYPE);
            out.writeObjectFieldStart("verificationMaterial");
            if (chain.isPresent()) {
                certificates(out, chain.get());
            } else {
                out.writeObjectFieldStart("publicKey");
                out.writeStringField("hint", Pem.hint(key));
                out.writeEndObject();
            }
            out.writeArrayFieldStart("tlogEntries");
            out.writeEndArray();
            out.writeEndObject();
            out.writeObjectFieldStart("dsseEnvelope");
            out.writeStringField("payload", base64.encodeToString(payload));
            out.writeStringField("payloadType", OmsStatement.PAYLOAD_TYPE);
            out.writeArrayFieldStart("signatures");
            out.writeStartObject();
            out.writeStringField("sig", base64.encodeToString(sig));
            out.writeStringField("keyid", "");
            out.writeEndObject();
            out.writeEndArray();
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    private static void certificates(JsonGenerator out, List<X509Certificate> chain)
            throws IOException {
        out.writeObjectFieldStart("x509CertificateChain");
        out.writeArrayFieldStart("certificates");
        for (X509Certificate certificate : chain) {
            out.writeStartObject();
            try {
                out.writeStringField(
                        "rawBytes", Base64.getEncoder().encodeToString(certificate.getEncoded()));
            } catch (GeneralSecurityException e) {
                throw new OmsException("a certificate of the chain cannot be encoded", e);
            }
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }
}

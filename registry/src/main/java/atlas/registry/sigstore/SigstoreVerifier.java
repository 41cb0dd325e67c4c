package atlas.registry.sigstore;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.registry.sigstore.SigstoreBundle.Content;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Checks Sigstore bundles offline, in the order that fails closed: who signed by our own trust, the
 * signature, the log's proofs, that the log speaks of this signature, the times, and that the
 * certificate was valid and logged at each of them.
 */
public final class SigstoreVerifier {
    private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    private static final String ISSUER = "1.3.6.1.4.1.57264.1.8";
    private static final String FIRST_ISSUER = "1.3.6.1.4.1.57264.1.1";
    private static final String OTHER_NAME = "1.3.6.1.4.1.57264.1.7";
    private static final int DIGITAL_SIGNATURE = 0;

    private final TrustedRoot root;

    public SigstoreVerifier(TrustedRoot root) {
        this.root = root;
    }

    /** Whose identity, as told by which issuer. Both are compared exactly. */
    public record Identity(String subject, String issuer) {}

    /** Requires a keyless signature by this identity. */
    public void requireIdentity(SigstoreBundle bundle, Identity identity) throws Unproven {
        if (bundle.chain().isEmpty()) {
            throw new Unproven("the bundle names a key, not a certificate");
        }
        X509Certificate leaf = Checks.certificate(bundle.chain().getFirst());
        for (byte[] der : bundle.chain().subList(1, bundle.chain().size())) {
            X509Certificate above = Checks.certificate(der);
            if (above.getSubjectX500Principal().equals(above.getIssuerX500Principal())) {
                throw new Unproven("the bundle brings a root certificate of its own");
            }
        }
        requireCodeSigning(leaf);
        requireNamed(leaf, identity);
        requireSignature(bundle.content(), leaf.getPublicKey(), bundle.entries());
        if (bundle.entries().isEmpty()) {
            throw new Unproven("a keyless signature has a log entry");
        }
        List<Instant> times = times(bundle, bundle.chain().getFirst());
        if (times.isEmpty()) {
            throw new Unproven("nothing proves when the signature was made");
        }
        for (Instant time : times) {
            requireIssued(leaf, time);
        }
    }

    /** Requires a signature by this key, and that all the bundle brings along holds. */
    public void requireKey(SigstoreBundle bundle, PublicKey key) throws Unproven {
        String hint = bundle.hint().orElseThrow(() -> new Unproven("the bundle names no key"));
        if (!isHint(hint, key)) {
            throw new Unproven("signed by a key that is not trusted here");
        }
        requireSignature(bundle.content(), key, bundle.entries());
        times(bundle, key.getEncoded());
    }

    /** Whether a bundle's hint is one of the ways to name a key: all are digests of it. */
    public static boolean isHint(String hint, PublicKey key) {
        byte[] der = Hashes.sha256(key.getEncoded()).bytes();
        String base64 =
                Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
        String pem = "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n";
        return hint.equals(Base64.getEncoder().encodeToString(der))
                || hint.equals(HexFormat.of().formatHex(der))
                || hint.equals(Hashes.sha256(pem).hex());
    }

    /** The SHA-256 of the file a bundle is about, when it is about a file. */
    public static Digest file(SigstoreBundle bundle, Content.Message message) throws Unproven {
        byte[] sha256 =
                message.sha256().isPresent()
                        ? message.sha256().get()
                        : logged(bundle.entries()).sha256();
        if (sha256.length != Digest.BYTES) {
            throw new Unproven("the bundle's digest is not one of SHA-256");
        }
        return Digest.of(sha256);
    }

    private static EntryBody logged(List<LogEntry> entries) throws Unproven {
        if (entries.isEmpty()) {
            throw new Unproven("nothing says what was signed");
        }
        return EntryBody.parse(entries.getFirst());
    }

    /** Every time that is vouched for; everything that vouches is checked. */
    private List<Instant> times(SigstoreBundle bundle, byte[] signer) throws Unproven {
        List<Instant> times = new ArrayList<>();
        for (byte[] timestamp : bundle.timestamps()) {
            times.add(Timestamp.proven(timestamp, bundle.content().signature(), root));
        }
        List<Instant> stamped = List.copyOf(times);
        for (LogEntry entry : bundle.entries()) {
            Optional<Instant> promised = entry.proven(root, bundle.version(), stamped);
            promised.ifPresent(times::add);
            EntryBody.parse(entry).requireAbout(bundle.content(), signer);
        }
        return times;
    }

    private static void requireSignature(Content content, PublicKey key, List<LogEntry> entries)
            throws Unproven {
        String algorithm = Checks.algorithm(key);
        boolean holds =
                switch (content) {
                    case Content.Envelope envelope ->
                            Checks.verifies(
                                    algorithm,
                                    key,
                                    EntryBody.preAuthentication(envelope),
                                    envelope.signature());
                    case Content.Message message -> {
                        if (!algorithm.equals("SHA256withECDSA")) {
                            throw new Unproven("only files signed by their SHA-256 are read");
                        }
                        byte[] sha256 =
                                message.sha256().isPresent()
                                        ? message.sha256().get()
                                        : logged(entries).sha256();
                        yield Checks.verifies("NONEwithECDSA", key, sha256, message.signature());
                    }
                };
        if (!holds) {
            throw new Unproven("the signature does not hold");
        }
    }

    private static void requireCodeSigning(X509Certificate leaf) throws Unproven {
        boolean[] usage = leaf.getKeyUsage();
        try {
            List<String> extended = leaf.getExtendedKeyUsage();
            if (usage == null
                    || !usage[DIGITAL_SIGNATURE]
                    || extended == null
                    || !extended.contains(CODE_SIGNING)
                    || leaf.getBasicConstraints() >= 0) {
                throw new Unproven("the signer's certificate is not for code signing");
            }
        } catch (GeneralSecurityException e) {
            throw new Unproven("the signer's certificate has a broken extended key usage");
        }
    }

    private static void requireNamed(X509Certificate leaf, Identity identity) throws Unproven {
        if (identity.subject().isBlank() || identity.issuer().isBlank()) {
            throw new Unproven("an identity and its issuer are never empty");
        }
        if (!subject(leaf).equals(identity.subject())) {
            throw new Unproven("signed by another identity");
        }
        if (!issuer(leaf).equals(identity.issuer())) {
            throw new Unproven("signed by an identity of another issuer");
        }
    }

    // A certificate of Fulcio has exactly one name.
    private static String subject(X509Certificate leaf) throws Unproven {
        try {
            var names = leaf.getSubjectAlternativeNames();
            if (names != null && names.size() == 1) {
                List<?> name = names.iterator().next();
                if (name.get(1) instanceof String text
                        && (name.get(0).equals(1) || name.get(0).equals(6))) {
                    return text;
                }
                if (name.get(0).equals(0) && name.get(1) instanceof byte[] other) {
                    Der value = Der.parse(other);
                    if (value.child(0).oid().equals(OTHER_NAME)) {
                        Der text = value.child(1).require(Der.CONTEXT).child(0);
                        // The JDK hands the value on in one explicit tag, or in two.
                        return utf8(text.tag() == Der.CONTEXT ? text.child(0) : text);
                    }
                }
            }
        } catch (GeneralSecurityException e) {
            throw new Unproven("the signer's certificate has malformed names");
        }
        throw new Unproven("the signer's certificate does not have exactly one name");
    }

    private static String issuer(X509Certificate leaf) throws Unproven {
        byte[] value = leaf.getExtensionValue(ISSUER);
        if (value != null) {
            return utf8(Der.parse(Der.parse(value).value()));
        }
        byte[] first = leaf.getExtensionValue(FIRST_ISSUER);
        if (first == null) {
            throw new Unproven("the signer's certificate does not say who told its identity");
        }
        return new String(Der.parse(first).value(), StandardCharsets.UTF_8);
    }

    private static String utf8(Der text) throws Unproven {
        return new String(text.require(Der.UTF8).value(), StandardCharsets.UTF_8);
    }

    /** Valid at a time, issued by an authority of that time, and logged when it was issued. */
    private void requireIssued(X509Certificate leaf, Instant time) throws Unproven {
        if (time.isBefore(leaf.getNotBefore().toInstant())
                || time.isAfter(leaf.getNotAfter().toInstant())) {
            throw new Unproven("the signature was made outside of the certificate's validity");
        }
        Unproven why =
                new Unproven("the certificate is of an authority the trusted root does not name");
        for (TrustedRoot.Authority authority : root.certificateAuthorities()) {
            X509Certificate above = authority.chain().getFirst();
            if (!above.getSubjectX500Principal().equals(leaf.getIssuerX500Principal())
                    || !authority.validity().covers(time)) {
                continue;
            }
            try {
                Checks.path(leaf, authority.chain(), time);
                CertificateTimestamps.require(leaf, above, root.certificateLogs());
                return;
            } catch (Unproven e) {
                why = e;
            }
        }
        throw why;
    }
}

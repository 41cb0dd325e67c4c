package atlas.registry.sigstore;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/** RFC 3161 timestamps: a signature existed when an authority of the trusted root saw it. */
final class Timestamp {
    private static final String SIGNED_DATA = "1.2.840.113549.1.7.2";
    private static final String TST_INFO = "1.2.840.113549.1.9.16.1.4";
    private static final String CONTENT_TYPE = "1.2.840.113549.1.9.3";
    private static final String MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
    private static final String TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
    private static final Map<String, String> DIGESTS =
            Map.of(
                    "2.16.840.1.101.3.4.2.1",
                    "SHA-256",
                    "2.16.840.1.101.3.4.2.2",
                    "SHA-384",
                    "2.16.840.1.101.3.4.2.3",
                    "SHA-512");
    private static final Map<String, String> SIGNATURES =
            Map.of(
                    "1.2.840.10045.4.3.2",
                    "SHA256withECDSA",
                    "1.2.840.10045.4.3.3",
                    "SHA384withECDSA",
                    "1.2.840.10045.4.3.4",
                    "SHA512withECDSA",
                    "1.2.840.113549.1.1.11",
                    "SHA256withRSA",
                    "1.2.840.113549.1.1.12",
                    "SHA384withRSA",
                    "1.2.840.113549.1.1.13",
                    "SHA512withRSA");

    private final Der info;
    private final byte[] infoBytes;
    private final Der signer;

    private Timestamp(byte[] infoBytes, Der signer) throws Unproven {
        this.infoBytes = infoBytes;
        this.info = Der.parse(infoBytes).require(Der.SEQUENCE);
        this.signer = signer;
    }

    /** When the authority saw the signature; everything about the token holds. */
    static Instant proven(byte[] response, byte[] signature, TrustedRoot root) throws Unproven {
        Timestamp timestamp = parse(response);
        Instant time = timestamp.time();
        timestamp.requireImprint(signature);
        Unproven why =
                new Unproven("the timestamp is of an authority the trusted root does not name");
        for (TrustedRoot.Authority authority : root.timestampAuthorities()) {
            if (timestamp.isBy(authority.chain().getFirst())) {
                try {
                    timestamp.requireSigned(authority, time);
                    return time;
                } catch (Unproven e) {
                    why = e;
                }
            }
        }
        throw why;
    }

    // TimeStampResp: the status, then the token.
    private static Timestamp parse(byte[] response) throws Unproven {
        Der whole = Der.parse(response).require(Der.SEQUENCE);
        BigInteger status = whole.child(0).require(Der.SEQUENCE).child(0).integer();
        if (status.signum() < 0 || status.compareTo(BigInteger.ONE) > 0) {
            throw new Unproven("the timestamp was not granted");
        }
        Der token = whole.child(1).require(Der.SEQUENCE);
        if (!token.child(0).oid().equals(SIGNED_DATA)) {
            throw new Unproven("the timestamp is not signed data");
        }
        Der data = token.child(1).require(Der.CONTEXT).child(0).require(Der.SEQUENCE);
        Der content = data.child(2).require(Der.SEQUENCE);
        if (!content.child(0).oid().equals(TST_INFO)) {
            throw new Unproven("the timestamp holds something else");
        }
        byte[] info = content.child(1).require(Der.CONTEXT).child(0).require(Der.OCTETS).value();
        List<Der> signers = data.children().getLast().require(Der.SET).children();
        if (signers.size() != 1) {
            throw new Unproven("a timestamp has exactly one signer");
        }
        return new Timestamp(info, signers.getFirst().require(Der.SEQUENCE));
    }

    private Instant time() throws Unproven {
        Der time = info.child(4).require(Der.GENERALIZED_TIME);
        String text = new String(time.value(), StandardCharsets.US_ASCII);
        if (!text.matches("[0-9]{14}(\\.[0-9]{1,9})?Z")) {
            throw new Unproven("the timestamp's time is not one of RFC 3161");
        }
        try {
            LocalDateTime second =
                    LocalDateTime.parse(
                            text.substring(0, 14), DateTimeFormatter.ofPattern("uuuuMMddHHmmss"));
            String fraction = text.substring(14, text.length() - 1);
            long nanos =
                    fraction.isEmpty()
                            ? 0
                            : Long.parseLong((fraction + "000000000").substring(1, 10));
            return second.toInstant(ZoneOffset.UTC).plusNanos(nanos);
        } catch (DateTimeException e) {
            throw new Unproven("the timestamp's time is not one of RFC 3161");
        }
    }

    private void requireImprint(byte[] signature) throws Unproven {
        Der imprint = info.child(2).require(Der.SEQUENCE);
        byte[] expected = digest(imprint.child(0).require(Der.SEQUENCE), signature);
        if (!MessageDigest.isEqual(expected, imprint.child(1).require(Der.OCTETS).value())) {
            throw new Unproven("the timestamp is of another signature");
        }
    }

    private static byte[] digest(Der algorithm, byte[] message) throws Unproven {
        String name = DIGESTS.get(algorithm.child(0).oid());
        if (name == null) {
            throw new Unproven("the timestamp uses an unknown digest");
        }
        try {
            return MessageDigest.getInstance(name).digest(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + name, e);
        }
    }

    // The signer is named by issuer and serial number, or by the id of its key.
    private boolean isBy(X509Certificate certificate) throws Unproven {
        Der id = signer.child(1);
        if (id.tag() != Der.SEQUENCE) {
            byte[] extension = certificate.getExtensionValue("2.5.29.14");
            return extension != null
                    && id.tag() == 0x80
                    && MessageDigest.isEqual(
                            id.value(),
                            Der.parse(Der.parse(extension).value()).require(Der.OCTETS).value());
        }
        try {
            return id.child(1).integer().equals(certificate.getSerialNumber())
                    && new X500Principal(id.child(0).encoded())
                            .equals(certificate.getIssuerX500Principal());
        } catch (IllegalArgumentException e) {
            throw new Unproven("the timestamp's signer has a malformed name");
        }
    }

    private void requireSigned(TrustedRoot.Authority authority, Instant time) throws Unproven {
        if (!authority.validity().covers(time)) {
            throw new Unproven("the timestamp is from outside of its authority's time");
        }
        X509Certificate leaf = authority.chain().getFirst();
        try {
            Set<String> critical = leaf.getCriticalExtensionOIDs();
            List<String> usage = leaf.getExtendedKeyUsage();
            if (usage == null
                    || !usage.equals(List.of(TIME_STAMPING))
                    || critical == null
                    || !critical.contains("2.5.29.37")) {
                throw new Unproven("the timestamp's certificate is not for timestamps alone");
            }
        } catch (GeneralSecurityException e) {
            throw new Unproven("the timestamp's certificate has a broken key usage");
        }
        if (authority.chain().size() > 1) {
            Checks.path(leaf, authority.chain().subList(1, authority.chain().size()), time);
        }
        Der attributes = signer.child(3).require(Der.CONTEXT);
        requireAttributes(attributes);
        // What is signed is the set, under its own tag.
        byte[] signed = Der.encode(Der.SET, attributes.value());
        byte[] signature = signer.child(5).require(Der.OCTETS).value();
        if (!Checks.verifies(
                algorithm(leaf.getPublicKey()), leaf.getPublicKey(), signed, signature)) {
            throw new Unproven("the timestamp's signature does not hold");
        }
    }

    private void requireAttributes(Der attributes) throws Unproven {
        boolean type = false;
        boolean digest = false;
        for (Der attribute : attributes.children()) {
            Der value = attribute.require(Der.SEQUENCE).child(1).require(Der.SET);
            switch (attribute.child(0).oid()) {
                case CONTENT_TYPE -> type = value.child(0).oid().equals(TST_INFO);
                case MESSAGE_DIGEST ->
                        digest =
                                MessageDigest.isEqual(
                                        value.child(0).require(Der.OCTETS).value(),
                                        digest(signer.child(2).require(Der.SEQUENCE), infoBytes));
                default -> {}
            }
        }
        if (!type || !digest) {
            throw new Unproven("the timestamp's signed attributes are not of its content");
        }
    }

    private String algorithm(PublicKey key) throws Unproven {
        String oid = signer.child(4).require(Der.SEQUENCE).child(0).oid();
        String digest = DIGESTS.get(signer.child(2).child(0).oid());
        String algorithm = SIGNATURES.get(oid);
        if (algorithm == null && digest != null) {
            // Some writers name the key's algorithm here, and the hash in the field before.
            String suffix =
                    switch (oid) {
                        case "1.2.840.113549.1.1.1" -> "withRSA";
                        case "1.2.840.10045.2.1" -> "withECDSA";
                        default -> throw new Unproven("the timestamp has an unknown signature");
                    };
            algorithm = digest.replace("-", "") + suffix;
        }
        if (algorithm == null || algorithm.endsWith("RSA") != key instanceof RSAKey) {
            throw new Unproven("the timestamp's signature is not of its authority's key");
        }
        return algorithm;
    }
}

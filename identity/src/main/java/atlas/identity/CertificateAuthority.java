package atlas.identity;

import atlas.core.WorkloadId;
import atlas.core.crypto.Sealer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * The local certificate authority: a P-256 root that issues short-lived leaves to the workloads of
 * one trust domain.
 *
 * <p>A leaf names exactly one SPIFFE ID, is for servers or for clients and never both, and ends no
 * later than the root. The root's key leaves only sealed. Thread-safe; no I/O.
 */
public final class CertificateAuthority {
    private static final Duration ROOT_LIFETIME = Duration.ofDays(3650);
    private static final Duration MAX_LEAF = Duration.ofDays(90);
    // Clocks of peers may be behind ours a little.
    private static final Duration BACKDATE = Duration.ofMinutes(1);
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final byte[] CONTEXT =
            "atlas/identity/certificate-authority/v1".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_STATE = 1 << 16;

    private final String trustDomain;
    private final PrivateKey key;
    private final X509Certificate root;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    private CertificateAuthority(
            String trustDomain, PrivateKey key, X509Certificate root, Clock clock) {
        this.trustDomain = trustDomain;
        this.key = key;
        this.root = root;
        this.clock = clock;
    }

    /**
     * A private key and the chain that vouches for it, leaf first; the root is what the other side
     * has already.
     */
    public record IssuedCertificate(PrivateKey key, List<X509Certificate> chain) {
        public IssuedCertificate {
            chain = List.copyOf(chain);
        }

        @Override
        public String toString() {
            return "IssuedCertificate[" + chain.getFirst().getSerialNumber().toString(16) + "]";
        }
    }

    /** A new authority with a root valid for ten years. */
    public static CertificateAuthority create(String trustDomain, Clock clock) {
        new WorkloadId(trustDomain, "/root");
        try {
            SecureRandom random = new SecureRandom();
            KeyPair pair = keyPair(random);
            Instant now = clock.instant();
            X500Name name = new X500Name("CN=Atlas root of " + trustDomain);
            X509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                            name,
                            serial(random),
                            Date.from(now.minus(BACKDATE)),
                            Date.from(now.plus(ROOT_LIFETIME)),
                            name,
                            pair.getPublic());
            JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    ids.createSubjectKeyIdentifier(pair.getPublic()));
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(
                            new GeneralName(
                                    GeneralName.uniformResourceIdentifier,
                                    "spiffe://" + trustDomain)));
            X509Certificate root = sign(builder, pair.getPrivate());
            return new CertificateAuthority(trustDomain, pair.getPrivate(), root, clock);
        } catch (GeneralSecurityException | CertIOException | OperatorCreationException e) {
            throw new IdentityException("the certificate authority could not be created", e);
        }
    }

    /** The self-signed root: what others must trust. */
    public X509Certificate root() {
        return root;
    }

    /** The trust domain whose workloads it vouches for. */
    public String trustDomain() {
        return trustDomain;
    }

    /** A certificate for a server, reachable by these names and addresses. */
    public IssuedCertificate server(
            WorkloadId id, List<String> dnsNames, List<String> ips, Duration lifetime) {
        KeyPair pair = keyPair();
        return new IssuedCertificate(
                pair.getPrivate(), server(pair.getPublic(), id, dnsNames, ips, lifetime));
    }

    /** The chain for a server that holds the key itself; see {@link Request}. */
    public List<X509Certificate> server(
            PublicKey held,
            WorkloadId id,
            List<String> dnsNames,
            List<String> ips,
            Duration lifetime) {
        List<GeneralName> names = new ArrayList<>();
        for (String dns : dnsNames) {
            if (!dns.matches("[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9-]+)*")) {
                throw new IllegalArgumentException("not a DNS name: `" + dns + "`");
            }
            names.add(new GeneralName(GeneralName.dNSName, dns));
        }
        for (String ip : ips) {
            names.add(new GeneralName(GeneralName.iPAddress, literal(ip)));
        }
        return leaf(held, id, names, KeyPurposeId.id_kp_serverAuth, lifetime);
    }

    /** A certificate with which a workload authenticates as a client. */
    public IssuedCertificate workload(WorkloadId id, Duration lifetime) {
        KeyPair pair = keyPair();
        return new IssuedCertificate(pair.getPrivate(), workload(pair.getPublic(), id, lifetime));
    }

    /** The chain for a client that holds the key itself; see {@link Request}. */
    public List<X509Certificate> workload(PublicKey held, WorkloadId id, Duration lifetime) {
        return leaf(held, id, List.of(), KeyPurposeId.id_kp_clientAuth, lifetime);
    }

    /** The authority, sealed; {@link #open} reads it. */
    public byte[] export(Sealer sealer) {
        byte[] plain = new byte[0];
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeUTF(trustDomain);
            byte[] encoded = key.getEncoded();
            out.writeInt(encoded.length);
            out.write(encoded);
            Arrays.fill(encoded, (byte) 0);
            byte[] certificate = root.getEncoded();
            out.writeInt(certificate.length);
            out.write(certificate);
            plain = bytes.toByteArray();
            return sealer.seal(plain, CONTEXT);
        } catch (IOException | GeneralSecurityException e) {
            throw new IdentityException("the certificate authority could not be exported", e);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /**
     * Reads an exported authority.
     *
     * @throws atlas.core.crypto.SealBrokenException when the bytes are not what was sealed
     */
    public static CertificateAuthority open(byte[] sealed, Sealer sealer, Clock clock) {
        byte[] plain = sealer.open(sealed, CONTEXT);
        try {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(plain));
            String trustDomain = in.readUTF();
            PrivateKey key =
                    KeyFactory.getInstance("EC")
                            .generatePrivate(new PKCS8EncodedKeySpec(block(in)));
            X509Certificate root =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(block(in)));
            return new CertificateAuthority(trustDomain, key, root, clock);
        } catch (IOException | GeneralSecurityException e) {
            throw new IdentityException("the certificate authority could not be read", e);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private static byte[] block(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 1 || length > MAX_STATE) {
            throw new IOException("a block of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private List<X509Certificate> leaf(
            PublicKey held,
            WorkloadId id,
            List<GeneralName> names,
            KeyPurposeId purpose,
            Duration lifetime) {
        if (!id.trustDomain().equals(trustDomain)) {
            throw new IllegalArgumentException(
                    "`%s` is not in trust domain `%s`".formatted(id, trustDomain));
        }
        if (lifetime.isNegative() || lifetime.isZero() || lifetime.compareTo(MAX_LEAF) > 0) {
            throw new IllegalArgumentException(
                    "a leaf lives between a moment and 90 days, not `" + lifetime + "`");
        }
        try {
            Instant now = clock.instant();
            Date end = Date.from(now.plus(lifetime));
            List<GeneralName> all = new ArrayList<>(names);
            all.add(new GeneralName(GeneralName.uniformResourceIdentifier, id.uri()));
            X509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                            root,
                            serial(random),
                            Date.from(now.minus(BACKDATE)),
                            end.after(root.getNotAfter()) ? root.getNotAfter() : end,
                            new X500Name("CN=" + id.path().substring(1).replace('/', '-')),
                            held);
            extend(builder, held, purpose, all);
            return List.of(sign(builder, key));
        } catch (GeneralSecurityException | CertIOException | OperatorCreationException e) {
            throw new IdentityException("a certificate for `" + id + "` could not be issued", e);
        }
    }

    private void extend(
            X509v3CertificateBuilder builder,
            PublicKey publicKey,
            KeyPurposeId purpose,
            List<GeneralName> names)
            throws GeneralSecurityException, CertIOException {
        JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
        builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(names.toArray(GeneralName[]::new)));
        builder.addExtension(
                Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(publicKey));
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                ids.createAuthorityKeyIdentifier(root.getPublicKey()));
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
    }

    private KeyPair keyPair() {
        try {
            return keyPair(random);
        } catch (GeneralSecurityException e) {
            throw new IdentityException("every JDK has P-256", e);
        }
    }

    private static KeyPair keyPair(SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    // 126 random bits below a set one: positive, never zero, always 16 bytes in DER.
    private static BigInteger serial(SecureRandom random) {
        return new BigInteger(126, random).setBit(126);
    }

    private static String literal(String ip) {
        try {
            return InetAddress.ofLiteral(ip).getHostAddress();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not an IP address: `" + ip + "`", e);
        }
    }

    /**
     * A PKCS#10 certification request (RFC 2986): a public key, and the proof that whoever asks
     * holds the private one. What the request says beside that is ignored: names are given, not
     * asked for.
     */
    public static final class Request {
        private static final int MAX_BYTES = 4096;
        private static final int P256_BITS = 256;

        private Request() {}

        /** A fresh P-256 pair; the private half stays where it was made. */
        public static KeyPair freshKey() {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
                generator.initialize(new ECGenParameterSpec("secp256r1"));
                return generator.generateKeyPair();
            } catch (GeneralSecurityException e) {
                throw new IdentityException("every JDK has P-256", e);
            }
        }

        /** The request for a pair, in DER. */
        public static byte[] of(KeyPair pair) {
            try {
                return new JcaPKCS10CertificationRequestBuilder(
                                new X500Name("CN=workload"), pair.getPublic())
                        .build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(pair.getPrivate()))
                        .getEncoded();
            } catch (OperatorCreationException | IOException e) {
                throw new IdentityException("a certificate request could not be made", e);
            }
        }

        /**
         * The key of a request.
         *
         * @throws IllegalArgumentException when it is no request, is not for a P-256 key, or
         *     whoever asks does not hold the private half
         */
        public static PublicKey provenKey(byte[] der) {
            if (der.length > MAX_BYTES) {
                throw new IllegalArgumentException(
                        "a certificate request of " + der.length + " bytes");
            }
            try {
                JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(der);
                PublicKey key = request.getPublicKey();
                if (!(key instanceof ECPublicKey ec)
                        || ec.getParams().getCurve().getField().getFieldSize() != P256_BITS) {
                    throw new IllegalArgumentException("a certificate is asked for a P-256 key");
                }
                if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                    throw new IllegalArgumentException("the private key was not proven");
                }
                return key;
            } catch (IOException
                    | GeneralSecurityException
                    | OperatorCreationException
                    | PKCSException e) {
                throw new IllegalArgumentException("not a certificate request", e);
            }
        }
    }
}

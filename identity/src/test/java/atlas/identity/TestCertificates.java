package atlas.identity;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
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
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority that signs anything it is asked to, for certificates a proper one would refuse. */
final class TestCertificates {
    private static final X500Name NAME = new X500Name("CN=careless root");

    private final KeyPair root = keyPair();
    private final Instant now;
    final X509Certificate anchor;

    TestCertificates(Instant now) throws Exception {
        this.now = now;
        var builder =
                new JcaX509v3CertificateBuilder(
                        NAME,
                        BigInteger.ONE,
                        Date.from(now.minusSeconds(60)),
                        Date.from(now.plusSeconds(86_400)),
                        NAME,
                        root.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
        anchor = sign(builder, root.getPrivate());
    }

    /** What to put into a leaf. */
    record Leaf(
            List<GeneralName> names, KeyPurposeId purpose, int usage, boolean authority, long end) {
        static Leaf naming(String... uris) {
            return new Leaf(
                    java.util.Arrays.stream(uris)
                            .map(u -> new GeneralName(GeneralName.uniformResourceIdentifier, u))
                            .toList(),
                    KeyPurposeId.id_kp_clientAuth,
                    KeyUsage.digitalSignature,
                    false,
                    3600);
        }

        Leaf also(GeneralName name) {
            List<GeneralName> more = new java.util.ArrayList<>(names);
            more.add(name);
            return new Leaf(more, purpose, usage, authority, end);
        }

        Leaf purpose(KeyPurposeId other) {
            return new Leaf(names, other, usage, authority, end);
        }

        Leaf usage(int other) {
            return new Leaf(names, purpose, other, authority, end);
        }

        Leaf asAuthority() {
            return new Leaf(names, purpose, usage | KeyUsage.keyCertSign, true, end);
        }

        Leaf endingAfter(long seconds) {
            return new Leaf(names, purpose, usage, authority, seconds);
        }
    }

    List<X509Certificate> chain(Leaf leaf) throws Exception {
        KeyPair pair = keyPair();
        var builder =
                new JcaX509v3CertificateBuilder(
                        NAME,
                        BigInteger.TWO,
                        Date.from(now.minusSeconds(3600)),
                        Date.from(now.plusSeconds(leaf.end)),
                        new X500Name("CN=leaf"),
                        pair.getPublic());
        builder.addExtension(
                Extension.basicConstraints, true, new BasicConstraints(leaf.authority));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(leaf.usage));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(leaf.purpose));
        if (!leaf.names.isEmpty()) {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(leaf.names.toArray(GeneralName[]::new)));
        }
        return List.of(sign(builder, root.getPrivate()), anchor);
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key)
            throws Exception {
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}

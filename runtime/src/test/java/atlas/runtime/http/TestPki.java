package atlas.runtime.http;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
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

/** A throw-away authority for tests. */
public final class TestPki {
    private final KeyPair key;
    private final X509Certificate root;

    public TestPki(String name) {
        try {
            key = pair();
            root = sign(name, key, name, key, true, List.of(), List.of(), Duration.ofDays(1));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    public X509Certificate root() {
        return root;
    }

    private static KeyPair pair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    public TlsIdentity server() {
        return issue(
                List.of(
                        new GeneralName(GeneralName.dNSName, "localhost"),
                        new GeneralName(GeneralName.iPAddress, "127.0.0.1")),
                List.of(KeyPurposeId.id_kp_serverAuth),
                Duration.ofHours(1));
    }

    /** A workload with its own trust domain's bundle: what an agent would hand out. */
    public TlsIdentity svid(String spiffeId) {
        TlsIdentity workload = workload(spiffeId);
        String domain = spiffeId.substring("spiffe://".length()).split("/")[0];
        return new TlsIdentity(
                workload.key(),
                workload.chain(),
                workload.trust(),
                java.util.Map.of(domain, workload.trust()));
    }

    /** A workload: usable as client and as server. */
    public TlsIdentity workload(String spiffeId) {
        return issue(
                List.of(new GeneralName(GeneralName.uniformResourceIdentifier, spiffeId)),
                List.of(KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth),
                Duration.ofHours(1));
    }

    public TlsIdentity issue(
            List<GeneralName> names, List<KeyPurposeId> purposes, Duration lifetime) {
        try {
            KeyPair leaf = pair();
            X509Certificate certificate =
                    sign(
                            "leaf",
                            leaf,
                            root.getSubjectX500Principal().getName().substring(3),
                            key,
                            false,
                            names,
                            purposes,
                            lifetime);
            return new TlsIdentity(leaf.getPrivate(), List.of(certificate), List.of(root));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static X509Certificate sign(
            String name,
            KeyPair subject,
            String issuer,
            KeyPair signer,
            boolean authority,
            List<GeneralName> names,
            List<KeyPurposeId> purposes,
            Duration lifetime)
            throws Exception {
        Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
        JcaX509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(
                        new X500Name("CN=" + issuer),
                        new BigInteger(127, new SecureRandom()),
                        Date.from(now.minus(Duration.ofMinutes(5))),
                        Date.from(now.plus(lifetime)),
                        new X500Name("CN=" + name),
                        subject.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        builder.addExtension(
                Extension.keyUsage,
                true,
                new KeyUsage(authority ? KeyUsage.keyCertSign : KeyUsage.digitalSignature));
        if (!purposes.isEmpty()) {
            builder.addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(purposes.toArray(KeyPurposeId[]::new)));
        }
        if (!names.isEmpty()) {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new ArrayList<>(names).toArray(GeneralName[]::new)));
        }
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(signer.getPrivate())));
    }

    /** A JDK client's context that trusts this authority and shows {@code identity} if any. */
    public SSLContext clientContext(TlsIdentity... identity) {
        try {
            KeyStore trust = KeyStore.getInstance("PKCS12");
            trust.load(null, null);
            trust.setCertificateEntry("root", root);
            TrustManagerFactory trusts = TrustManagerFactory.getInstance("PKIX");
            trusts.init(trust);
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            for (TlsIdentity own : identity) {
                keys.setKeyEntry(
                        "own", own.key(), new char[0], own.chain().toArray(X509Certificate[]::new));
            }
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(keys, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(factory.getKeyManagers(), trusts.getTrustManagers(), null);
            return context;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}

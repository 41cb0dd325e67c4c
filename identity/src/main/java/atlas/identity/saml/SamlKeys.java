package atlas.identity.saml;

import atlas.identity.IdentityException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Our keys as a service provider: generations, each with a key that signs and one that decrypts.
 *
 * <p>A successor is made {@code overlap} before a generation ends and is published at once, so that
 * providers can learn it; it signs from half of the overlap on. What providers encrypt to any
 * generation that has not ended can be read. Immutable; {@link #rotated} gives the next state.
 */
public final class SamlKeys {
    private static final int RSA_BITS = 3072;
    private static final int FORMAT = 1;
    private static final int MOST = 8;

    private final List<Generation> generations;

    private SamlKeys(List<Generation> generations) {
        this.generations = List.copyOf(generations);
    }

    /** A private key and the certificate that carries its public half. */
    record Pair(PrivateKey key, X509Certificate certificate) {
        @Override
        public String toString() {
            return "Pair[" + certificate.getSerialNumber().toString(16) + "]";
        }
    }

    record Generation(Pair signing, Pair decryption, Instant made, Instant ends) {}

    /** The first generation. */
    public static SamlKeys fresh(SamlConfig config, Instant now) {
        return new SamlKeys(List.of(generation(config, now)));
    }

    /**
     * The same keys, or with a successor where one is due and without what has ended. Tells a
     * change by identity: the same object means nothing changed.
     */
    public SamlKeys rotated(SamlConfig config, Instant now) {
        List<Generation> next =
                new ArrayList<>(generations.stream().filter(g -> now.isBefore(g.ends)).toList());
        if (next.isEmpty() || !now.isBefore(next.getLast().ends.minus(config.overlap()))) {
            next.add(generation(config, now));
        }
        return next.equals(generations) ? this : new SamlKeys(next);
    }

    /** The pair that signs now: the newest that providers have had half an overlap to learn. */
    Pair signing(Duration overlap, Instant now) {
        for (Generation generation : generations) {
            if (now.isBefore(generation.ends.minus(overlap.dividedBy(2)))) {
                return generation.signing;
            }
        }
        return generations.getLast().signing;
    }

    /** Every certificate whose key may sign, now or soon. */
    List<X509Certificate> published(Instant now) {
        return generations.stream()
                .filter(g -> now.isBefore(g.ends))
                .map(g -> g.signing.certificate)
                .toList();
    }

    /** What providers should encrypt to from now on. */
    X509Certificate encryptTo() {
        return generations.getLast().decryption.certificate;
    }

    List<RSAPrivateCrtKey> decryption() {
        return generations.reversed().stream()
                .map(g -> (RSAPrivateCrtKey) g.decryption.key)
                .toList();
    }

    /** How many generations there are; two while one is being replaced. */
    public int size() {
        return generations.size();
    }

    /** Serial of the newest signing certificate; safe to print. */
    public String newest() {
        return generations.getLast().signing.certificate.getSerialNumber().toString(16);
    }

    private static Generation generation(SamlConfig config, Instant now) {
        Instant ends = now.plus(config.lifetime());
        boolean rsa = config.signing() == SamlConfig.Signature.RSA_SHA256;
        return new Generation(
                pair(rsa ? "RSA" : "EC", "Atlas SAML signing", now, ends),
                pair("RSA", "Atlas SAML decryption", now, ends),
                now,
                ends);
    }

    private static Pair pair(String algorithm, String name, Instant now, Instant ends) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (algorithm.equals("RSA")) {
                generator.initialize(RSA_BITS, new SecureRandom());
            } else {
                generator.initialize(new ECGenParameterSpec("secp256r1"), new SecureRandom());
            }
            KeyPair pair = generator.generateKeyPair();
            X500Name subject = new X500Name("CN=" + name);
            var builder =
                    new JcaX509v3CertificateBuilder(
                            subject,
                            new BigInteger(127, new SecureRandom()),
                            Date.from(now.minus(Duration.ofMinutes(5))),
                            Date.from(ends),
                            subject,
                            pair.getPublic());
            String method = algorithm.equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
            X509Certificate certificate =
                    new JcaX509CertificateConverter()
                            .getCertificate(
                                    builder.build(
                                            new JcaContentSignerBuilder(method)
                                                    .build(pair.getPrivate())));
            return new Pair(pair.getPrivate(), certificate);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IdentityException("a SAML key pair could not be made", e);
        }
    }

    /** As bytes, private keys in the clear: for sealing, and nothing else. */
    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeByte(generations.size());
            for (Generation generation : generations) {
                write(out, generation.signing);
                write(out, generation.decryption);
                out.writeLong(generation.made.toEpochMilli());
                out.writeLong(generation.ends.toEpochMilli());
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new IdentityException("SAML keys could not be written", e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Pair pair)
            throws IOException, GeneralSecurityException {
        out.writeUTF(pair.key.getAlgorithm());
        for (byte[] part : List.of(pair.key.getEncoded(), pair.certificate.getEncoded())) {
            out.writeInt(part.length);
            out.write(part);
        }
    }

    /**
     * What {@link #encode} wrote.
     *
     * @throws IdentityException when it is anything else
     */
    public static SamlKeys decode(byte[] encoded) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
            int format = in.readUnsignedByte();
            int count = in.readUnsignedByte();
            if (format != FORMAT || count < 1 || count > MOST) {
                throw new IdentityException("SAML keys of an unknown format", null);
            }
            List<Generation> read = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                read.add(
                        new Generation(
                                read(in),
                                read(in),
                                Instant.ofEpochMilli(in.readLong()),
                                Instant.ofEpochMilli(in.readLong())));
            }
            return new SamlKeys(read);
        } catch (IOException | GeneralSecurityException e) {
            throw new IdentityException("SAML keys could not be read", e);
        }
    }

    private static Pair read(DataInputStream in) throws IOException, GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance(in.readUTF());
        PrivateKey key = factory.generatePrivate(new PKCS8EncodedKeySpec(part(in)));
        return new Pair(
                key,
                (X509Certificate)
                        CertificateFactory.getInstance("X.509")
                                .generateCertificate(new ByteArrayInputStream(part(in))));
    }

    private static byte[] part(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 1 || length > 16 << 10) {
            throw new IOException("a part of " + length + " bytes");
        }
        return in.readNBytes(length);
    }

    @Override
    public String toString() {
        return "SamlKeys[" + generations.size() + "]";
    }
}

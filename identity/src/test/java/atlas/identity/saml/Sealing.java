package atlas.identity.saml;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.encodings.OAEPEncoding;
import org.bouncycastle.crypto.engines.RSAEngine;
import org.bouncycastle.crypto.params.RSAKeyParameters;

/** Encrypts an assertion as a provider does, by good methods or by bad ones. */
record Sealing(PublicKey to, String cipher, String transport, String digest, String mask) {
    static Sealing to(TestIdp idp) {
        return new Sealing(
                idp.ours().encryptTo().getPublicKey(),
                Names.AES_256_GCM,
                Names.RSA_OAEP,
                Names.SHA256,
                Names.MGF_SHA256);
    }

    Sealing cipher(String other) {
        return new Sealing(to, other, transport, digest, mask);
    }

    Sealing transport(String other) {
        return new Sealing(to, cipher, other, digest, mask);
    }

    Sealing digest(String other) {
        return new Sealing(to, cipher, transport, other, mask);
    }

    Sealing to(PublicKey other) {
        return new Sealing(other, cipher, transport, digest, mask);
    }

    String encrypted(String plain) {
        try {
            boolean gcm = cipher.endsWith("gcm");
            KeyGenerator keys = KeyGenerator.getInstance("AES");
            keys.init(cipher.contains("128") ? 128 : 256);
            SecretKey secret = keys.generateKey();
            byte[] iv = new byte[gcm ? 12 : 16];
            new SecureRandom().nextBytes(iv);
            Cipher aes = Cipher.getInstance(gcm ? "AES/GCM/NoPadding" : "AES/CBC/PKCS5Padding");
            aes.init(
                    Cipher.ENCRYPT_MODE,
                    secret,
                    gcm ? new GCMParameterSpec(128, iv) : new IvParameterSpec(iv));
            byte[] body = aes.doFinal(plain.getBytes(StandardCharsets.UTF_8));
            byte[] sealed = new byte[iv.length + body.length];
            System.arraycopy(iv, 0, sealed, 0, iv.length);
            System.arraycopy(body, 0, sealed, iv.length, body.length);
            return xml(wrapped(secret.getEncoded()), sealed);
        } catch (GeneralSecurityException | org.bouncycastle.crypto.CryptoException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] wrapped(byte[] secret) throws org.bouncycastle.crypto.CryptoException {
        RSAPublicKey rsa = (RSAPublicKey) to;
        OAEPEncoding padding =
                new OAEPEncoding(new RSAEngine(), new SHA256Digest(), new SHA256Digest(), null);
        padding.init(true, new RSAKeyParameters(false, rsa.getModulus(), rsa.getPublicExponent()));
        return padding.processBlock(secret, 0, secret.length);
    }

    private String xml(byte[] wrapped, byte[] sealed) {
        return """
        <saml:EncryptedAssertion xmlns:saml="%s"><xenc:EncryptedData xmlns:xenc="%s" \
        Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="%s"/>\
        <ds:KeyInfo xmlns:ds="%s"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="%s">\
        <ds:DigestMethod Algorithm="%s"/><xenc11:MGF xmlns:xenc11="%s" Algorithm="%s"/>\
        </xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>%s</xenc:CipherValue>\
        </xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData>\
        <xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>\
        </saml:EncryptedAssertion>\
        """
                .formatted(
                        Names.ASSERTION,
                        Names.ENCRYPTION,
                        cipher,
                        Names.SIGNATURE,
                        transport,
                        digest,
                        Names.ENCRYPTION_11,
                        mask,
                        Base64.getMimeEncoder().encodeToString(wrapped).replace("\r", ""),
                        Base64.getEncoder().encodeToString(sealed));
    }
}

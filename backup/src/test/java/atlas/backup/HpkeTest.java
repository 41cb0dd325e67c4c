package atlas.backup;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.crypto.Hashes;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.SecretWithEncapsulation;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.pqc.crypto.xwing.XWingKEMExtractor;
import org.bouncycastle.pqc.crypto.xwing.XWingKEMGenerator;
import org.bouncycastle.pqc.crypto.xwing.XWingPrivateKeyParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HpkeTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] INFO = ascii("info");

    /** The key schedule is the same for every KEM: RFC 9180 appendix A.1.1, X25519. */
    @Test
    void opensTheFirstVectorOfRfc9180() throws Exception {
        HPKE hpke =
                new HPKE(
                        HPKE.mode_base,
                        HPKE.kem_X25519_SHA256,
                        HPKE.kdf_HKDF_SHA256,
                        HPKE.aead_AES_GCM128);
        AsymmetricCipherKeyPair pair =
                hpke.deserializePrivateKey(
                        hex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"),
                        hex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d"));
        byte[] plain =
                hpke.open(
                        hex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"),
                        pair,
                        hex("4f6465206f6e2061204772656369616e2055726e"),
                        ascii("Count-0"),
                        hex(
                                "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9"
                                        + "6d8770ac83d07bea87e13c512a"),
                        null,
                        null,
                        null);
        assertThat(new String(plain, StandardCharsets.US_ASCII))
                .isEqualTo("Beauty is truth, truth beauty");
    }

    /** The vectors of draft-connolly-cfrg-xwing-kem, appendix C: seed, randomness, secret. */
    @ParameterizedTest
    @CsvSource({
        "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26,"
                + "3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e2"
                + "35b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2,"
                + "d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384,"
                + "e2236b35a8c24b39b10aa1323a96a919,"
                + "b83aa828d4d62b9a83ceffe1d3d3bb1e",
    })
    void xWingGivesTheSecretsOfItsDraft(
            String seed, String randomness, String secret, String publicKey, String sent) {
        XWingPrivateKeyParameters key = new XWingPrivateKeyParameters(hex(seed));
        byte[] pub = key.getPublicKeyParameters().getEncoded();
        assertThat(HEX.formatHex(pub)).startsWith(publicKey);
        SecretWithEncapsulation made =
                new XWingKEMGenerator(new Given(hex(randomness)))
                        .generateEncapsulated(key.getPublicKeyParameters());
        assertThat(HEX.formatHex(made.getSecret())).isEqualTo(secret);
        assertThat(HEX.formatHex(made.getEncapsulation())).startsWith(sent);
        assertThat(new XWingKEMExtractor(key).extractSecret(made.getEncapsulation()))
                .isEqualTo(made.getSecret());
        assertThat(Hpke.publicKey(hex(seed))).isEqualTo(pub);
    }

    @Test
    void opensOnlyForItsKeyItsPlaceAndUnaltered() {
        byte[] seed = Hashes.sha256().digest(ascii("one"));
        byte[] other = Hashes.sha256().digest(ascii("other"));
        byte[] aad = ascii("place");
        byte[] sealed = Hpke.seal(Hpke.publicKey(seed), INFO, aad, ascii("a key of 32 bytes"));

        assertThat(sealed).hasSize(Hpke.ENCAPSULATED_BYTES + 17 + Hpke.TAG_BYTES);
        assertThat(Hpke.open(seed, INFO, aad, sealed)).contains(ascii("a key of 32 bytes"));
        assertThat(Hpke.open(other, INFO, aad, sealed)).isEmpty();
        assertThat(Hpke.open(seed, INFO, ascii("elsewhere"), sealed)).isEmpty();
        assertThat(Hpke.open(seed, ascii("other"), aad, sealed)).isEmpty();
        for (int at : new int[] {0, 1087, 1088, 1119, 1120, sealed.length - 1}) {
            byte[] altered = sealed.clone();
            altered[at] ^= 1;
            assertThat(Hpke.open(seed, INFO, aad, altered)).as("byte %d", at).isEmpty();
        }
    }

    private static byte[] hex(String text) {
        return HEX.parseHex(text);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Gives the bytes of a vector, in order. */
    private static final class Given extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final byte[] bytes;
        private int at;

        Given(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public void nextBytes(byte[] out) {
            System.arraycopy(bytes, at, out, 0, out.length);
            at += out.length;
        }
    }
}

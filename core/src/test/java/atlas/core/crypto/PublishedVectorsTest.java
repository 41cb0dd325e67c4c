package atlas.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/**
 * The primitives that sealing rests on, by the vectors of their specifications: RFC 5869 appendix
 * A.3, and test cases 13, 14 and 16 of "The Galois/Counter Mode of Operation". {@code
 * vault/wycheproof} runs many more.
 */
class PublishedVectorsTest {
    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    @Test
    void hkdfIsThatOfRfc5869() {
        byte[] okm = Hashes.hkdf(hex("0b".repeat(22)), new byte[0], "", 42);
        assertThat(HexFormat.of().formatHex(okm))
                .isEqualTo(
                        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                                + "9d201395faa4b61a96c8");
    }

    @Test
    void aes256GcmIsThatOfItsSpecification() throws Exception {
        String zero = "00".repeat(32);
        String iv = "00".repeat(12);
        check(zero, iv, "", "", "530f8afbc74536b9a963b4f1c4cb738b");
        check(
                zero,
                iv,
                "00".repeat(16),
                "",
                "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
        check(
                "feffe9928665731c6d6a8f9467308308".repeat(2),
                "cafebabefacedbaddecaf888",
                "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                        + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
                "feedfacedeadbeeffeedfacedeadbeefabaddad2",
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                        + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                        + "76fc6ece0f4e1768cddf8853bb2d551b");
    }

    private static void check(String key, String iv, String plain, String aad, String sealed)
            throws Exception {
        assertThat(cipher(Cipher.ENCRYPT_MODE, key, iv, aad).doFinal(hex(plain)))
                .isEqualTo(hex(sealed));
        assertThat(cipher(Cipher.DECRYPT_MODE, key, iv, aad).doFinal(hex(sealed)))
                .isEqualTo(hex(plain));
        byte[] altered = hex(sealed);
        altered[altered.length - 1] ^= 1;
        Cipher opening = cipher(Cipher.DECRYPT_MODE, key, iv, aad);
        Assertions.assertThatThrownBy(() -> opening.doFinal(altered))
                .isInstanceOf(AEADBadTagException.class);
    }

    private static Cipher cipher(int mode, String key, String iv, String aad) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(hex(key), "AES"), new GCMParameterSpec(128, hex(iv)));
        cipher.updateAAD(hex(aad));
        return cipher;
    }
}

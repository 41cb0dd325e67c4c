package atlas.vault.kek;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.crypto.Hashes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/**
 * Project Wycheproof's vectors (github.com/C2SP/wycheproof, Apache-2.0) for what sealing rests on:
 * AES-256-GCM with nonces of 96 bits and tags of 128, HKDF-SHA-256, HMAC-SHA-384. They are not part
 * of this source: {@code vault/wycheproof FOLDER} runs them from a copy.
 */
class WycheproofVectors {
    private static final int BITS = 8;

    private final Path folder = Path.of(System.getProperty("wycheproof"));

    /** One vector and the group it stands in. */
    private record Case(KekJson all, String group, String test) {
        String text(String name) {
            return all.text(test + name).orElse("");
        }

        int number(String name) {
            return Integer.parseInt(
                    all.text(test + name).or(() -> all.text(group + name)).orElse("-1"));
        }

        byte[] hex(String name) {
            return HexFormat.of().parseHex(text(name));
        }

        boolean valid() {
            return text("result").equals("valid");
        }
    }

    private interface Vector {
        /** Whether it is as the vector says; nothing for one that is about something else. */
        Optional<Boolean> holds(Case one) throws Exception;
    }

    private void run(String file, int least, Vector vector) throws Exception {
        KekJson all = KekJson.of(Files.readAllBytes(folder.resolve(file)));
        int ran = 0;
        for (int group = 0; ; group++) {
            String groups = "testGroups." + group + ".";
            int test = 0;
            for (; all.text(groups + "tests." + test + ".tcId").isPresent(); test++) {
                Case one = new Case(all, groups, groups + "tests." + test + ".");
                Optional<Boolean> holds = vector.holds(one);
                assertThat(holds.orElse(true)).as("%s: %s", file, one.text("tcId")).isTrue();
                ran += holds.isPresent() ? 1 : 0;
            }
            if (test == 0) {
                break;
            }
        }
        assertThat(ran).as("vectors of %s that apply", file).isGreaterThanOrEqualTo(least);
    }

    @Test
    void aes256Gcm() throws Exception {
        run(
                "aes_gcm_test.json",
                60,
                one -> {
                    if (one.number("keySize") != 256
                            || one.number("ivSize") != 96
                            || one.number("tagSize") != 128) {
                        return Optional.empty();
                    }
                    byte[] tag = one.hex("tag");
                    byte[] ct = one.hex("ct");
                    byte[] sealed = Arrays.copyOf(ct, ct.length + tag.length);
                    System.arraycopy(tag, 0, sealed, ct.length, tag.length);
                    byte[] plain = one.hex("msg");
                    try {
                        byte[] opened = cipher(Cipher.DECRYPT_MODE, one).doFinal(sealed);
                        byte[] again = cipher(Cipher.ENCRYPT_MODE, one).doFinal(plain);
                        return Optional.of(
                                one.valid()
                                        && Arrays.equals(opened, plain)
                                        && Arrays.equals(again, sealed));
                    } catch (GeneralSecurityException e) {
                        return Optional.of(!one.valid());
                    }
                });
    }

    private static Cipher cipher(int mode, Case one) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode,
                new SecretKeySpec(one.hex("key"), "AES"),
                new GCMParameterSpec(128, one.hex("iv")));
        cipher.updateAAD(one.hex("aad"));
        return cipher;
    }

    @Test
    void hkdfSha256() throws Exception {
        run(
                "hkdf_sha256_test.json",
                80,
                one -> {
                    try {
                        byte[] okm = hkdf(one);
                        return Optional.of(one.valid() && Arrays.equals(okm, one.hex("okm")));
                    } catch (GeneralSecurityException | IllegalStateException e) {
                        return Optional.of(!one.valid());
                    }
                });
    }

    // Ours takes a text; the others show that what it calls is right, too.
    private static byte[] hkdf(Case one) throws GeneralSecurityException {
        byte[] info = one.hex("info");
        String text = new String(info, StandardCharsets.UTF_8);
        if (Arrays.equals(text.getBytes(StandardCharsets.UTF_8), info)) {
            return Hashes.hkdf(one.hex("ikm"), one.hex("salt"), text, one.number("size"));
        }
        return KDF.getInstance("HKDF-SHA256")
                .deriveData(
                        HKDFParameterSpec.ofExtract()
                                .addIKM(one.hex("ikm"))
                                .addSalt(one.hex("salt"))
                                .thenExpand(info, one.number("size")));
    }

    @Test
    void hmacSha384() throws Exception {
        run(
                "hmac_sha384_test.json",
                80,
                one -> {
                    Mac mac = Mac.getInstance("HmacSHA384");
                    mac.init(new SecretKeySpec(one.hex("key"), "HmacSHA384"));
                    byte[] whole = mac.doFinal(one.hex("msg"));
                    byte[] tag = Arrays.copyOf(whole, one.number("tagSize") / BITS);
                    return Optional.of(Arrays.equals(tag, one.hex("tag")) == one.valid());
                });
    }
}

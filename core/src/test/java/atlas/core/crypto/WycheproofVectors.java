package atlas.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
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
 * of this source: {@code core/wycheproof FOLDER} runs them from a copy.
 */
class WycheproofVectors {
    private static final int BITS = 8;

    private final Path folder = Path.of(System.getProperty("wycheproof"));

    private interface Vector {
        /** Whether it is as the vector says; nothing for one that is about something else. */
        Boolean holds(JsonNode group, JsonNode test, boolean valid) throws Exception;
    }

    private void run(String file, int least, Vector vector) throws Exception {
        JsonNode all = new ObjectMapper().readTree(folder.resolve(file).toFile());
        int ran = 0;
        for (JsonNode group : all.path("testGroups")) {
            for (JsonNode test : group.path("tests")) {
                boolean valid = test.path("result").asText().equals("valid");
                Boolean holds = vector.holds(group, test, valid);
                if (holds != null) {
                    assertThat(holds).as("%s: %s", file, test).isTrue();
                    ran++;
                }
            }
        }
        assertThat(ran).as("vectors of %s that apply", file).isGreaterThanOrEqualTo(least);
    }

    private static byte[] hex(JsonNode test, String name) {
        return HexFormat.of().parseHex(test.path(name).asText());
    }

    @Test
    void aes256Gcm() throws Exception {
        run(
                "aes_gcm_test.json",
                60,
                (group, test, valid) -> {
                    if (group.path("keySize").asInt() != 256
                            || group.path("ivSize").asInt() != 96
                            || group.path("tagSize").asInt() != 128) {
                        return null;
                    }
                    byte[] tag = hex(test, "tag");
                    byte[] ct = hex(test, "ct");
                    byte[] sealed = Arrays.copyOf(ct, ct.length + tag.length);
                    System.arraycopy(tag, 0, sealed, ct.length, tag.length);
                    byte[] plain = hex(test, "msg");
                    try {
                        return Arrays.equals(
                                        cipher(Cipher.DECRYPT_MODE, test).doFinal(sealed), plain)
                                && Arrays.equals(
                                        cipher(Cipher.ENCRYPT_MODE, test).doFinal(plain), sealed)
                                && valid;
                    } catch (GeneralSecurityException e) {
                        return !valid;
                    }
                });
    }

    private static Cipher cipher(int mode, JsonNode test) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode,
                new SecretKeySpec(hex(test, "key"), "AES"),
                new GCMParameterSpec(128, hex(test, "iv")));
        cipher.updateAAD(hex(test, "aad"));
        return cipher;
    }

    @Test
    void hkdfSha256() throws Exception {
        run(
                "hkdf_sha256_test.json",
                80,
                (_, test, valid) -> {
                    try {
                        byte[] okm = hkdf(test);
                        return valid && Arrays.equals(okm, hex(test, "okm"));
                    } catch (GeneralSecurityException | IllegalStateException e) {
                        return !valid;
                    }
                });
    }

    // Ours takes a text; the others show that what it calls is right, too.
    private static byte[] hkdf(JsonNode test) throws GeneralSecurityException {
        byte[] info = hex(test, "info");
        String text = new String(info, StandardCharsets.UTF_8);
        int size = test.path("size").asInt();
        if (Arrays.equals(text.getBytes(StandardCharsets.UTF_8), info)) {
            return Hashes.hkdf(hex(test, "ikm"), hex(test, "salt"), text, size);
        }
        return KDF.getInstance("HKDF-SHA256")
                .deriveData(
                        HKDFParameterSpec.ofExtract()
                                .addIKM(hex(test, "ikm"))
                                .addSalt(hex(test, "salt"))
                                .thenExpand(info, size));
    }

    @Test
    void hmacSha384() throws Exception {
        run(
                "hmac_sha384_test.json",
                80,
                (group, test, valid) -> {
                    Mac mac = Mac.getInstance("HmacSHA384");
                    mac.init(new SecretKeySpec(hex(test, "key"), "HmacSHA384"));
                    byte[] whole = mac.doFinal(hex(test, "msg"));
                    byte[] tag = Arrays.copyOf(whole, group.path("tagSize").asInt() / BITS);
                    return Arrays.equals(tag, hex(test, "tag")) == valid;
                });
    }
}

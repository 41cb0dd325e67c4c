package atlas.registry.oms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecondSignatureTest {
    private final KeyPair classical = pair("EC");
    private final KeyPair pair = pair("ML-DSA-65");
    private byte[] first = new byte[0];
    private byte[] second = new byte[0];

    @TempDir private Path model;

    private static KeyPair pair(String algorithm) {
        try {
            return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void sign() throws Exception {
        Files.writeString(model.resolve("w.txt"), "weights");
        first = OmsSigner.sign(model, classical.getPrivate(), Optional.empty());
        second = SecondSignature.sign(first, pair.getPrivate(), pair.getPublic());
    }

    @Test
    void standsBehindTheFirstAndBothLieBesideTheModel() throws Exception {
        assertThat(SecondSignature.problem(first, second, pair.getPublic())).isEmpty();

        Files.write(model.resolve("model.sig"), first);
        Files.write(model.resolve(SecondSignature.FILE), second);
        TrustPolicy policy = TrustPolicy.key("k", classical.getPublic(), Clock.systemUTC());
        assertThat(OmsVerifier.verify(model, first, policy))
                .isInstanceOf(OmsVerification.Verified.class);
    }

    @Test
    void isOfThatKeyAndOfThoseBytesAlone() throws Exception {
        Files.writeString(model.resolve("w.txt"), "other weights");
        byte[] other = OmsSigner.sign(model, classical.getPrivate(), Optional.empty());

        assertThat(SecondSignature.problem(other, second, pair.getPublic()))
                .hasValue("the two signatures are not over the same bytes");
        assertThat(SecondSignature.problem(first, second, pair("ML-DSA-65").getPublic()))
                .hasValue("the second signature is not by the ML-DSA-65 key trusted here");
        assertThat(SecondSignature.problem(first, first, pair.getPublic())).isPresent();
        assertThat(SecondSignature.problem(first, new byte[0], pair.getPublic())).isPresent();
    }

    @Test
    void everyByteOfItCounts() throws Exception {
        String json = new String(second, StandardCharsets.UTF_8);
        int at = json.indexOf("\"sig\":\"") + 7;
        byte[] signature = Base64.getDecoder().decode(json.substring(at, json.indexOf('"', at)));
        for (int length : new int[] {0, 1, signature.length - 1, signature.length + 1}) {
            byte[] cut = java.util.Arrays.copyOf(signature, length);
            assertThat(SecondSignature.problem(first, with(json, cut), pair.getPublic()))
                    .as("%d bytes", length)
                    .isPresent();
        }
        for (int i = 0; i < signature.length; i += 97) {
            byte[] flipped = signature.clone();
            flipped[i] ^= 1;
            assertThat(SecondSignature.problem(first, with(json, flipped), pair.getPublic()))
                    .as("byte %d", i)
                    .isPresent();
        }
    }

    private static byte[] with(String json, byte[] signature) {
        return json.replaceFirst(
                        "\"sig\":\"[^\"]*\"",
                        "\"sig\":\"" + Base64.getEncoder().encodeToString(signature) + "\"")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void twoKeysThatAreNotAPairSignNothing() {
        assertThatThrownBy(() ->
                        SecondSignature.sign(
                                first, pair.getPrivate(), pair("ML-DSA-65").getPublic()))
                .isInstanceOf(OmsException.class)
                .hasMessageContaining("not a pair");
    }
}

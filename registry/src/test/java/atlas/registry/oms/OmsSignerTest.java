package atlas.registry.oms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OmsSignerTest {
    @TempDir Path dir;
    private KeyPair pair;

    @BeforeEach
    void makeAModel() throws IOException, GeneralSecurityException {
        pair = pair("secp256r1");
        Files.createDirectories(dir.resolve("unet"));
        Files.writeString(dir.resolve("unet/w.bin"), "weights");
        Files.writeString(dir.resolve("unet-lora.bin"), "lora");
        Files.writeString(dir.resolve("\ud83d\ude00.txt"), "astral");
        Files.writeString(dir.resolve("\uff26.txt"), "fullwidth");
        Files.writeString(dir.resolve("empty"), "");
    }

    private static KeyPair pair(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    private OmsVerification verify(byte[] bundle) {
        return OmsVerifier.verify(
                dir, bundle, TrustPolicy.key("me", pair.getPublic(), Clock.systemUTC()));
    }

    private byte[] sign() {
        return OmsSigner.sign(dir, pair.getPrivate(), Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
    void signsWhatTheVerifierAcceptsOnEveryCurve(String curve) throws GeneralSecurityException {
        pair = pair(curve);

        assertThat(verify(sign()))
                .isInstanceOfSatisfying(
                        OmsVerification.Verified.class,
                        verified ->
                                assertThat(verified.resources())
                                        .containsExactly(
                                                "empty",
                                                "unet-lora.bin",
                                                "unet/w.bin",
                                                "\uff26.txt",
                                                "\ud83d\ude00.txt"));
    }

    @Test
    void refusesAFolderChangedInAnyWayAfterSigning() throws IOException {
        byte[] bundle = sign();
        Files.writeString(dir.resolve("unet/w.bin"), "weightz");
        assertRefused(bundle, "`unet/w.bin`");
        Files.writeString(dir.resolve("unet/w.bin"), "weights");

        Files.writeString(dir.resolve("more.py"), "");
        assertRefused(bundle, "`more.py` is not signed");
        Files.delete(dir.resolve("more.py"));

        Files.createDirectories(dir.resolve(".git/hooks"));
        assertRefused(bundle, "`.git` was left out");
        Files.delete(dir.resolve(".git/hooks"));
        Files.delete(dir.resolve(".git"));

        Files.move(dir.resolve("empty"), dir.resolve("../outside"));
        Files.createSymbolicLink(dir.resolve("empty"), dir.resolve("../outside"));
        assertRefused(bundle, "symbolic link");
        Files.delete(dir.resolve("empty"));
        assertRefused(bundle, "missing");
        Files.delete(dir.resolve("../outside"));
    }

    private void assertRefused(byte[] bundle, String why) {
        assertThat(verify(bundle))
                .isInstanceOfSatisfying(
                        OmsVerification.NotVerified.class,
                        no -> assertThat(no.reason()).contains(why));
    }

    @Test
    void refusesAFlippedBitAnywhereInTheSignedBytes() {
        String bundle = new String(sign(), java.nio.charset.StandardCharsets.UTF_8);
        String payload = bundle.replaceAll("(?s).*\"payload\":\"([^\"]*)\".*", "$1");
        byte[] bytes = Base64.getDecoder().decode(payload);
        for (int i = 0; i < bytes.length; i += 7) {
            byte[] flipped = bytes.clone();
            flipped[i] ^= 1;
            String altered = bundle.replace(payload, Base64.getEncoder().encodeToString(flipped));
            assertRefused(
                    altered.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                    "the signature does not hold");
        }
    }

    @Test
    void signsTheSignatureFileOutOfTheModel() throws IOException {
        Files.write(dir.resolve("model.sig"), sign());

        assertThat(verify(Files.readAllBytes(dir.resolve("model.sig"))))
                .isInstanceOf(OmsVerification.Verified.class);
        assertThat(verify(sign())).isInstanceOf(OmsVerification.Verified.class);
    }

    @Test
    void signsASingleFile() {
        Path file = dir.resolve("unet/w.bin");
        byte[] bundle = OmsSigner.sign(file, pair.getPrivate(), Optional.empty());
        TrustPolicy policy = TrustPolicy.key("me", pair.getPublic(), Clock.systemUTC());

        assertThat(OmsVerifier.verify(file, bundle, policy))
                .isInstanceOf(OmsVerification.Verified.class);
        assertThat(OmsVerifier.verify(dir.resolve("unet-lora.bin"), bundle, policy))
                .isInstanceOf(OmsVerification.NotVerified.class);
    }

    @Test
    void refusesToSignLinksAndFoldersItWouldLeaveOut() throws IOException {
        Files.createDirectories(dir.resolve(".git"));
        assertThatThrownBy(this::sign)
                .isInstanceOf(OmsException.class)
                .hasMessageContaining("remove it before signing");
        Files.delete(dir.resolve(".git"));

        Files.createSymbolicLink(dir.resolve("link"), Path.of("empty"));
        assertThatThrownBy(this::sign)
                .isInstanceOf(OmsException.class)
                .hasMessageContaining("symbolic link");
    }

    @Test
    void readsItsOwnKeysBackFromPem() {
        String pem = Pem.text(pair.getPublic());

        assertThat(Pem.publicKey(pem)).isEqualTo(pair.getPublic());
        assertThatThrownBy(() -> Pem.publicKey(pem.replace("MF", "MG")))
                .isInstanceOf(OmsException.class);
    }
}

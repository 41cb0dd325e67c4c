package atlas.registry.oms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code tools/verify_model.py} on what Atlas signed, and Atlas on what it signed. */
class IndependentVerifierTest {
    private static final Path TOOLS = Path.of("..", "tools").toAbsolutePath().normalize();

    @TempDir private Path dir;
    private Path model = Path.of("");

    private static int python(String... arguments) throws IOException, InterruptedException {
        Path python = Path.of("/usr/bin/python3");
        boolean here = Files.isExecutable(python);
        if (!here && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("python3 is needed to check models independently");
        }
        assumeTrue(here, "python3 is not here");
        List<String> command = new ArrayList<>(List.of(python.toString()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        assertThat(said).as("status %d", status).doesNotContain("Traceback");
        return status;
    }

    private static int verifier(String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(TOOLS.resolve("verify_model.py").toString()));
        all.addAll(Arrays.asList(arguments));
        return python(all.toArray(String[]::new));
    }

    @BeforeEach
    void aModel() throws IOException {
        model = dir.resolve("model");
        Files.createDirectories(model.resolve("sub"));
        Files.writeString(model.resolve("sub/caf\u00e9.txt"), "inside");
        Files.writeString(model.resolve("sub-way.txt"), "beside");
        Files.writeString(model.resolve("empty.txt"), "");
    }

    private Path pem(String name, String label, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                dir.resolve(name),
                "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
    void eachBelievesTheOtherAndNeitherAChangedFile(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        KeyPair pair = generator.generateKeyPair();
        String key = pem("key.pem", "PRIVATE KEY", pair.getPrivate().getEncoded()).toString();
        String pub = pem("key.pub", "PUBLIC KEY", pair.getPublic().getEncoded()).toString();
        Path theirs = dir.resolve("theirs.sig");
        Path ours = dir.resolve("ours.sig");

        assertThat(verifier("sign", model.toString(), "--key", key, "-o", theirs.toString()))
                .isZero();
        Files.write(ours, OmsSigner.sign(model, pair.getPrivate(), Optional.empty()));
        TrustPolicy policy = TrustPolicy.key("k", pair.getPublic(), Clock.systemUTC());

        assertThat(OmsVerifier.verify(model, Files.readAllBytes(theirs), policy))
                .isInstanceOf(OmsVerification.Verified.class);
        String[] ask = {
            "verify", model.toString(), "--signature", ours.toString(), "--public-key", pub
        };
        assertThat(verifier(ask)).isZero();

        Files.writeString(model.resolve("empty.txt"), "x");
        assertThat(OmsVerifier.verify(model, Files.readAllBytes(theirs), policy))
                .isInstanceOf(OmsVerification.NotVerified.class);
        assertThat(verifier(ask)).isEqualTo(1);
    }

    @Test
    void holdsItselfAgainstTheVectors() throws Exception {
        assertThat(python(TOOLS.resolve("test_verify_model.py").toString())).isZero();
    }
}

package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing and verifying from the command line, with keys as openssl writes them. */
class ModelTrustTest {
    @TempDir Path temp;
    private Path model = Path.of("");
    private Path privateKey = Path.of("");
    private Path publicKey = Path.of("");

    @BeforeEach
    void aSignedModel() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        privateKey = pem("private.pem", "PRIVATE KEY", pair.getPrivate().getEncoded());
        publicKey = pem("public.pem", "PUBLIC KEY", pair.getPublic().getEncoded());
        model = Files.createDirectory(temp.resolve("model"));
        Files.writeString(model.resolve("config.json"), "{\"layers\": 2}");
        Files.writeString(model.resolve("README.md"), "# A model\n");
        Shell.Said signed =
                Shell.run("model", "sign", model.toString(), "--key", privateKey.toString());
        assertThat(signed.status()).as(signed.err()).isZero();
    }

    @Test
    void whatWasSignedVerifies() {
        Shell.Said said = verify("--public-key", publicKey.toString());

        assertThat(said.status()).as(said.err()).isZero();
        assertThat(said.out()).contains("\"verified\":true").contains("root_digest");
    }

    @Test
    void whatWasChangedDoesNot() throws IOException {
        Files.writeString(model.resolve("config.json"), "{\"layers\": 3}");

        Shell.Said said = verify("--public-key", publicKey.toString());

        assertThat(said.status()).isEqualTo(Main.NO);
        assertThat(said.out()).contains("\"verified\":false").contains("config.json");
    }

    @Test
    void whatWasAddedIsNotLookedPast() throws IOException {
        Files.writeString(model.resolve("extra.json"), "{}");

        assertThat(verify("--public-key", publicKey.toString()).status()).isEqualTo(Main.NO);
    }

    @Test
    void trustMustBeNamedExactlyOnce() {
        assertThat(verify().status()).isEqualTo(Main.USAGE);
        assertThat(
                        verify("--public-key", publicKey.toString(), "--ca", publicKey.toString())
                                .status())
                .isEqualTo(Main.USAGE);
    }

    @Test
    void aKeyThatIsNoneIsCouldNotTell() throws IOException {
        Path nonsense = Files.writeString(temp.resolve("nonsense.pem"), "hello");

        assertThat(verify("--public-key", nonsense.toString()).status()).isEqualTo(Main.UNKNOWN);
    }

    @Test
    void aPickleIsRefusedByTheScan() throws IOException {
        Files.write(
                model.resolve("model.bin"), new byte[] {(byte) 0x80, 4, 'c', 'o', 's', '\n', '.'});

        Shell.Said said = Shell.run("model", "scan", model.toString(), "--output", "json");

        assertThat(said.status()).isEqualTo(Main.NO);
        assertThat(said.out()).contains("\"refuse\"");
    }

    private Shell.Said verify(String... trust) {
        String[] command = new String[trust.length + 5];
        command[0] = "--output";
        command[1] = "json";
        command[2] = "model";
        command[3] = "verify";
        command[4] = model.toString();
        System.arraycopy(trust, 0, command, 5, trust.length);
        return Shell.run(command);
    }

    private Path pem(String name, String label, byte[] der) throws IOException {
        return Files.writeString(
                temp.resolve(name),
                "-----BEGIN "
                        + label
                        + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                        + "\n-----END "
                        + label
                        + "-----\n");
    }
}

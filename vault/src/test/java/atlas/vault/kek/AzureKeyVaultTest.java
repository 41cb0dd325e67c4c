package atlas.vault.kek;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.vault.KekProvider;
import atlas.vault.kek.HttpsPlace.Said;
import com.sun.net.httpserver.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Provider;
import java.security.spec.MGF1ParameterSpec;
import java.time.Clock;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Against a stand-in of the documented API: client credentials, RSA-OAEP-256, versions of a key.
 */
class AzureKeyVaultTest extends KekContract {
    private static final Provider RSA = new BouncyCastleProvider();

    @TempDir Path folder;
    private volatile boolean disabled;
    private volatile String version = "aaa1";
    private HttpsPlace place;
    private KekProvider kek;

    @BeforeEach
    void serve() throws Exception {
        Files.writeString(folder.resolve("client"), "the-secret\n");
        place = HttpsPlace.open(folder, this::answer);
        kek = kek("atlas");
    }

    @AfterEach
    void stop() {
        place.close();
    }

    private KekProvider kek(String key) {
        return kek(key, "");
    }

    private KekProvider kek(String key, String more) {
        return new KekProviders(folder, Clock.systemUTC())
                .open(
                        "azure-kv:"
                                + place.origin()
                                + "/keys/"
                                + key
                                + "?tenant-id=t-1&client-id=c-1&client-secret-file=client&ca-file=ca.pem&authority="
                                + place.origin()
                                + more);
    }

    @Override
    KekProvider kek() {
        return kek;
    }

    @Override
    KekProvider another() {
        return kek("other");
    }

    @Override
    Undo withdraw() {
        disabled = true;
        return () -> disabled = false;
    }

    @Override
    Undo away() {
        place.only = 503;
        return () -> place.only = 0;
    }

    private Said answer(HttpExchange exchange, byte[] body) throws Exception {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/t-1/oauth2/v2.0/token")) {
            String form = new String(body, StandardCharsets.UTF_8);
            return form.contains("client_secret=the-secret") && form.contains("client_id=c-1")
                    ? new Said(200, "{\"access_token\":\"at\",\"expires_in\":3599}")
                    : new Said(401, "{\"error\":\"invalid_client\"}");
        }
        if (!"Bearer at".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return new Said(401, "{}");
        }
        String[] parts = path.split("/");
        String name = parts[2];
        if (exchange.getRequestMethod().equals("GET")) {
            return new Said(
                    200,
                    "{\"key\":{\"kid\":\"k\",\"kty\":\"RSA\"},\"attributes\":{\"enabled\":"
                            + !disabled
                            + "}}");
        }
        if (disabled) {
            return new Said(
                    403,
                    "{\"error\":{\"code\":\"Forbidden\",\"innererror\":{\"code\":\"KeyDisabled\"}}}");
        }
        KekJson asked = KekJson.of(body);
        if (!asked.need("alg").equals("RSA-OAEP-256")) {
            return new Said(
                    400,
                    "{\"error\":{\"code\":\"BadParameter\",\"message\":\"no such algorithm\"}}");
        }
        String used = parts.length > 4 ? parts[3] : version;
        String kid = place.origin() + "/keys/" + name + "/" + used;
        boolean wrap = path.endsWith("/wrapkey");
        try {
            Cipher cipher = Cipher.getInstance("RSA/NONE/OAEPPadding", RSA);
            KeyPair pair = TestKeys.rsa(name + "/" + used);
            cipher.init(
                    wrap ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE,
                    wrap ? pair.getPublic() : pair.getPrivate(),
                    new OAEPParameterSpec(
                            "SHA-256",
                            "MGF1",
                            MGF1ParameterSpec.SHA256,
                            PSource.PSpecified.DEFAULT));
            return new Said(
                    200,
                    "{\"kid\":\""
                            + kid
                            + "\",\"value\":\""
                            + Base64.getUrlEncoder()
                                    .withoutPadding()
                                    .encodeToString(cipher.doFinal(asked.urlBytes("value")))
                            + "\"}");
        } catch (GeneralSecurityException e) {
            return new Said(400, "{\"error\":{\"code\":\"BadParameter\"}}");
        }
    }

    @Test
    void aRequestToWrapThatIsRefusedAsWrongSaysNothingOfAlteredBytes() {
        byte[] wrapped = kek.wrap(key(), PLACE);
        KekProvider odd = kek("atlas", "&algorithm=A256KW");
        assertThatThrownBy(() -> odd.wrap(key(), PLACE))
                .isInstanceOfSatisfying(
                        KeyUnavailableException.class, e -> assertThat(e.withdrawn()).isFalse())
                .hasMessageContaining("BadParameter, no such algorithm");
        assertThatThrownBy(() -> odd.unwrap(wrapped, PLACE))
                .isInstanceOf(SealBrokenException.class);
    }

    @Test
    void aKeyRotatedThereStillUnwrapsWhatItsOldVersionWrapped() {
        byte[] key = key();
        byte[] wrapped = kek.wrap(key, PLACE);
        version = "bbb2";
        byte[] later = kek.wrap(key, PLACE);
        assertThat(kek.unwrap(wrapped, PLACE)).isEqualTo(key);
        assertThat(kek.unwrap(later, PLACE)).isEqualTo(key);
    }
}

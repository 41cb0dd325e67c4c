package atlas.vault.kek;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.vault.KekProvider;
import atlas.vault.kek.HttpsPlace.Said;
import com.sun.net.httpserver.HttpExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Clock;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a stand-in of the documented API: signed grants, tokens that end, checksums. */
class GcpKmsTest extends KekContract {
    @TempDir Path folder;
    private final StandInKeys keys = new StandInKeys();
    private final AtomicInteger tokens = new AtomicInteger();
    private volatile boolean garbled;
    private volatile boolean wrong;
    private KeyPair account;
    private HttpsPlace place;
    private KekProvider kek;

    @BeforeEach
    void serve() throws Exception {
        account = TestKeys.rsa("account");
        place = HttpsPlace.open(folder, this::answer);
        Files.writeString(
                folder.resolve("account.json"),
                "{\"type\":\"service_account\",\"client_email\":\"atlas@test\",\"token_uri\":\""
                        + place.origin()
                        + "/token\",\"private_key\":\"-----BEGIN PRIVATE KEY-----\\n"
                        + Base64.getEncoder().encodeToString(account.getPrivate().getEncoded())
                        + "\\n-----END PRIVATE KEY-----\\n\"}");
        kek = kek("atlas");
    }

    @AfterEach
    void stop() {
        place.close();
    }

    private KekProvider kek(String key) {
        return new KekProviders(folder, Clock.systemUTC())
                .open(
                        "gcp-kms:projects/p/locations/europe-west3/keyRings/r/cryptoKeys/"
                                + key
                                + "?credentials-file=account.json&ca-file=ca.pem&endpoint="
                                + place.origin());
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
        keys.disabled = true;
        return () -> keys.disabled = false;
    }

    @Override
    Undo away() {
        place.only = 503;
        return () -> place.only = 0;
    }

    private Said answer(HttpExchange exchange, byte[] body) throws Exception {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/token")) {
            return granted(new String(body, StandardCharsets.UTF_8));
        }
        String bearer = exchange.getRequestHeaders().getFirst("Authorization");
        if (!("Bearer token-" + tokens.get()).equals(bearer)) {
            return new Said(401, "{\"error\":{\"status\":\"UNAUTHENTICATED\"}}");
        }
        String state = keys.disabled ? "DISABLED" : "ENABLED";
        if (exchange.getRequestMethod().equals("GET")) {
            return new Said(200, "{\"primary\":{\"state\":\"" + state + "\"}}");
        }
        if (keys.disabled) {
            return new Said(
                    400,
                    "{\"error\":{\"status\":\"FAILED_PRECONDITION\",\"message\":\"DISABLED\"}}");
        }
        if (wrong) {
            return new Said(
                    400,
                    "{\"error\":{\"status\":\"INVALID_ARGUMENT\",\"message\":\"not for"
                            + " encryption\"}}");
        }
        KekJson asked = KekJson.of(body);
        String key = path.substring(path.lastIndexOf('/') + 1, path.lastIndexOf(':'));
        String aad = asked.need("additionalAuthenticatedData");
        if (path.endsWith(":encrypt")) {
            byte[] plain = asked.bytes("plaintext");
            byte[] sealed = keys.encrypt(key, plain, aad);
            return new Said(
                    200,
                    "{\"ciphertext\":\""
                            + Base64.getEncoder().encodeToString(sealed)
                            + "\",\"ciphertextCrc32c\":\""
                            + crc(sealed)
                            + "\",\"verifiedPlaintextCrc32c\":"
                            + asked.need("plaintextCrc32c").equals(crc(plain))
                            + "}");
        }
        return keys.decrypt(key, asked.bytes("ciphertext"), aad)
                .map(plain ->
                        new Said(
                                200,
                                "{\"plaintext\":\""
                                        + Base64.getEncoder().encodeToString(plain)
                                        + "\",\"plaintextCrc32c\":\""
                                        + (garbled ? "1" : crc(plain))
                                        + "\"}"))
                .orElse(new Said(400, "{\"error\":{\"status\":\"INVALID_ARGUMENT\"}}"));
    }

    private Said granted(String form) throws Exception {
        String assertion =
                URLDecoder.decode(
                        form.replaceFirst("(^|.*&)assertion=", "").replaceFirst("&.*", ""),
                        StandardCharsets.UTF_8);
        String[] parts = assertion.split("\\.");
        Signature check = Signature.getInstance("SHA256withRSA");
        check.initVerify(account.getPublic());
        check.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        KekJson claims = KekJson.of(Base64.getUrlDecoder().decode(parts[1]));
        boolean right =
                check.verify(Base64.getUrlDecoder().decode(parts[2]))
                        && claims.need("iss").equals("atlas@test")
                        && claims.need("aud").equals(place.origin() + "/token")
                        && form.contains("jwt-bearer");
        return right
                ? new Said(
                        200,
                        "{\"access_token\":\"token-"
                                + tokens.incrementAndGet()
                                + "\",\"expires_in\":3600}")
                : new Said(400, "{\"error\":\"invalid_grant\"}");
    }

    private static String crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Long.toString(crc.getValue());
    }

    @Test
    void aTokenThatEndedIsReplacedOnceAndKeptOtherwise() {
        byte[] wrapped = kek.wrap(key(), PLACE);
        kek.unwrap(wrapped, PLACE);
        assertThat(tokens).hasValue(1);
        tokens.set(7);
        kek.unwrap(wrapped, PLACE);
        assertThat(tokens).hasValue(8);
    }

    @Test
    void aRequestToWrapThatIsRefusedAsWrongSaysNothingOfAlteredBytes() {
        byte[] wrapped = kek.wrap(key(), PLACE);
        wrong = true;
        assertThatThrownBy(() -> kek.wrap(key(), PLACE))
                .isInstanceOfSatisfying(
                        KeyUnavailableException.class, e -> assertThat(e.withdrawn()).isFalse())
                .hasMessageContaining("INVALID_ARGUMENT, not for encryption");
        assertThatThrownBy(() -> kek.unwrap(wrapped, PLACE))
                .isInstanceOf(SealBrokenException.class);
    }

    @Test
    void whatWasGarbledOnTheWayIsNotUsed() {
        byte[] wrapped = kek.wrap(key(), PLACE);
        garbled = true;
        assertThatThrownBy(() -> kek.unwrap(wrapped, PLACE))
                .isInstanceOf(KeyUnavailableException.class)
                .hasMessageContaining("garbled");
    }
}

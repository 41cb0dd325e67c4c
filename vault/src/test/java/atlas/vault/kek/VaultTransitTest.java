package atlas.vault.kek;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.crypto.KeyUnavailableException;
import atlas.vault.KekProvider;
import atlas.vault.kek.HttpsPlace.Said;
import com.sun.net.httpserver.HttpExchange;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a stand-in of the documented transit API: token, namespace, AEAD key, error texts. */
class VaultTransitTest extends KekContract {
    @TempDir Path folder;
    private final StandInKeys keys = new StandInKeys();
    private volatile int lookedUp = 200;
    private HttpsPlace place;
    private KekProvider kek;

    @BeforeEach
    void serve() throws Exception {
        Files.writeString(folder.resolve("token"), "s.the-token\n");
        place = HttpsPlace.open(folder, this::answer);
        kek = kek("atlas");
    }

    @AfterEach
    void stop() {
        place.close();
    }

    private KekProvider kek(String key) {
        return new KekProviders(folder, Clock.systemUTC())
                .open(
                        "vault-transit:"
                                + place.origin()
                                + "/transit/"
                                + key
                                + "?token-file=token&namespace=team&ca-file=ca.pem");
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
    Undo withdraw() throws Exception {
        keys.disabled = true;
        return () -> keys.disabled = false;
    }

    @Override
    Undo away() {
        place.only = 503;
        return () -> place.only = 0;
    }

    private Said answer(HttpExchange exchange, byte[] body) throws Exception {
        String token = exchange.getRequestHeaders().getFirst("X-Vault-Token");
        String namespace = exchange.getRequestHeaders().getFirst("X-Vault-Namespace");
        boolean stands = "s.the-token".equals(token) && "team".equals(namespace);
        if (exchange.getRequestURI().getPath().equals("/v1/auth/token/lookup-self") && stands) {
            return lookedUp == 200 ? new Said(200, "{\"data\":{}}") : new Said(lookedUp, "{}");
        }
        if (!stands || keys.disabled) {
            return new Said(403, "{\"errors\":[\"permission denied\"]}");
        }
        String[] path = exchange.getRequestURI().getPath().split("/");
        String key = path[path.length - 1];
        KekJson asked = KekJson.of(body);
        return switch (path[path.length - 2]) {
            case "keys" ->
                    new Said(200, "{\"data\":{\"type\":\"aes256-gcm96\",\"latest_version\":1}}");
            case "encrypt" ->
                    new Said(
                            200,
                            "{\"data\":{\"ciphertext\":\"vault:v1:"
                                    + Base64.getEncoder()
                                            .encodeToString(
                                                    keys.encrypt(
                                                            key,
                                                            asked.bytes("plaintext"),
                                                            asked.need("associated_data")))
                                    + "\"}}");
            case "decrypt" -> decrypt(key, asked);
            default -> new Said(404, "{\"errors\":[]}");
        };
    }

    private Said decrypt(String key, KekJson asked) throws Exception {
        String text = asked.need("ciphertext");
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text.replaceFirst("^vault:v1:", ""));
        } catch (IllegalArgumentException e) {
            return new Said(400, "{\"errors\":[\"invalid ciphertext: could not decode base64\"]}");
        }
        if (!text.startsWith("vault:v1:")) {
            return new Said(400, "{\"errors\":[\"invalid ciphertext: no prefix\"]}");
        }
        return keys.decrypt(key, bytes, asked.need("associated_data"))
                .map(plain ->
                        new Said(
                                200,
                                "{\"data\":{\"plaintext\":\""
                                        + Base64.getEncoder().encodeToString(plain)
                                        + "\"}}"))
                .orElse(new Said(400, "{\"errors\":[\"cipher: message authentication failed\"]}"));
    }

    @Test
    void theTokenIsReadAnewForEveryCall() throws Exception {
        byte[] wrapped = kek().wrap(key(), PLACE);
        Files.writeString(folder.resolve("token"), "s.of-yesterday");
        assertThatThrownBy(() -> kek.unwrap(wrapped, PLACE))
                .isInstanceOfSatisfying(
                        KeyUnavailableException.class,
                        e -> assertThat(e.withdrawn()).as("a no of the key's holder").isFalse())
                .hasMessageContaining("the token in `" + folder.resolve("token"))
                .hasMessageContaining("is not valid")
                .message()
                .doesNotContain("of-yesterday");
        Files.writeString(folder.resolve("token"), "s.the-token");
        kek.unwrap(wrapped, PLACE);
        Files.delete(folder.resolve("token"));
        assertThatThrownBy(() -> kek.unwrap(wrapped, PLACE))
                .isInstanceOf(KeyUnavailableException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void aRefusalCountsAsOneOfTheKeyOnlyWhenTheTokenStillHolds() {
        keys.disabled = true;
        assertThatThrownBy(() -> kek.wrap(key(), PLACE))
                .isInstanceOfSatisfying(
                        KeyUnavailableException.class, e -> assertThat(e.withdrawn()).isTrue())
                .hasMessageContaining("permission denied");
        lookedUp = 503;
        assertThatThrownBy(() -> kek.wrap(key(), PLACE))
                .isInstanceOfSatisfying(
                        KeyUnavailableException.class, e -> assertThat(e.withdrawn()).isFalse())
                .hasMessageContaining("does not say whether the token");
    }

    @Test
    void aFileThatIsNoTokenIsNeitherSentNorShown() throws Exception {
        for (String text : new String[] {"first\nsecond-line\n", "{\"key\":\"of-another\"}"}) {
            Files.writeString(folder.resolve("token"), text);
            assertThatThrownBy(() -> kek().wrap(key(), PLACE))
                    .isInstanceOf(KeyUnavailableException.class)
                    .hasMessageContaining("should hold a secret in one word")
                    .message()
                    .doesNotContain("second-line", "of-another");
        }
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void anAnswerThatIsBegunAndNotEndedIsNotWaitedFor() {
        place.stalls = true;
        try (KekTransport transport =
                KekTransport.trusting(Optional.of(place.ca), Duration.ofSeconds(1))) {
            assertThatThrownBy(() -> transport.get(URI.create(place.origin() + "/x"), Map.of()))
                    .isInstanceOf(KeyUnavailableException.class)
                    .hasMessageContaining("does not answer");
        }
    }

    @Test
    void aServerThatNobodyVouchesForIsNotAsked() throws Exception {
        KekProvider kek =
                new KekProviders(folder, Clock.systemUTC())
                        .open(
                                "vault-transit:"
                                        + place.origin()
                                        + "/transit/atlas?token-file=token&namespace=team");
        assertThatThrownBy(() -> kek.wrap(key(), PLACE))
                .isInstanceOf(KeyUnavailableException.class)
                .hasMessageContaining("does not answer");
    }

    @Test
    void whatIsNotUnderstoodIsSaid() {
        KekProviders providers = new KekProviders(folder, Clock.systemUTC());
        Map.of(
                        "vault-transit:http://127.0.0.1/transit/k?token-file=token",
                        "is not an `https://host…` address",
                        "vault-transit:https://h/k?token-file=token",
                        "https://host:8200/MOUNT/KEY",
                        "vault-transit:https://h/transit/k",
                        "needs `token-file`",
                        "vault-transit:https://h/transit/k?token=s.x",
                        "would write a secret",
                        "vault-transit:https://h/transit/k?tokenfile=x",
                        "there is no `tokenfile` here",
                        "kms:something",
                        "begins with one of")
                .forEach((uri, why) ->
                        assertThatThrownBy(() -> providers.open(uri))
                                .as(uri)
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageContaining(why));
        byte[] nothing = "".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> KekJson.of(nothing).need("data.plaintext"))
                .hasMessageContaining("lacks");
    }
}

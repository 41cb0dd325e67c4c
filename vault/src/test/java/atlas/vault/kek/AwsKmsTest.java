package atlas.vault.kek;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Sensitive;
import atlas.core.crypto.KeyUnavailableException;
import atlas.vault.KekProvider;
import atlas.vault.kek.HttpsPlace.Said;
import com.sun.net.httpserver.HttpExchange;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a stand-in of the documented API that checks every signature. */
class AwsKmsTest extends KekContract {
    private static final String ARN = "arn:aws:kms:eu-central-1:111122223333:key/";

    @TempDir Path folder;
    private final StandInKeys keys = new StandInKeys();
    private HttpsPlace place;
    private KekProvider kek;

    @BeforeEach
    void serve() throws Exception {
        credentials("the-secret");
        place = HttpsPlace.open(folder, this::answer);
        kek = kek("atlas");
    }

    private void credentials(String secret) throws Exception {
        Files.writeString(
                folder.resolve("credentials"),
                """
                # shared with the other tools
                [default]
                aws_access_key_id = AKIDNOTTHIS
                aws_secret_access_key = wrong
                [atlas]
                aws_access_key_id = AKIDEXAMPLE
                aws_secret_access_key = %s
                aws_session_token = session
                """
                        .formatted(secret));
    }

    @AfterEach
    void stop() {
        place.close();
    }

    private KekProvider kek(String key) {
        return new KekProviders(folder, Clock.systemUTC())
                .open(
                        "aws-kms:"
                                + ARN
                                + key
                                + "?credentials-file=credentials&profile=atlas&ca-file=ca.pem&endpoint="
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
        place.only = 500;
        return () -> place.only = 0;
    }

    private Said answer(HttpExchange exchange, byte[] body) throws Exception {
        if (!signed(exchange, body)) {
            return new Said(400, "{\"__type\":\"InvalidSignatureException\"}");
        }
        KekJson asked = KekJson.of(body);
        String arn = asked.need("KeyId");
        String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
        if (target.equals("TrentService.DescribeKey")) {
            return new Said(
                    200,
                    "{\"KeyMetadata\":{\"KeyId\":\"atlas\",\"KeyState\":\""
                            + (keys.disabled ? "Disabled" : "Enabled")
                            + "\"}}");
        }
        if (keys.disabled) {
            return new Said(
                    400,
                    "{\"__type\":\"com.amazonaws.kms#DisabledException\",\"message\":\""
                            + arn
                            + " is disabled.\"}");
        }
        String context = asked.need("EncryptionContext.atlas-place");
        if (target.equals("TrentService.Encrypt")) {
            byte[] sealed = keys.encrypt(arn, asked.bytes("Plaintext"), context);
            return said("CiphertextBlob", sealed);
        }
        return keys.decrypt(arn, asked.bytes("CiphertextBlob"), context)
                .map(plain -> said("Plaintext", plain))
                .orElse(new Said(400, "{\"__type\":\"InvalidCiphertextException\"}"));
    }

    private static Said said(String field, byte[] value) {
        return new Said(
                200, "{\"" + field + "\":\"" + Base64.getEncoder().encodeToString(value) + "\"}");
    }

    // Signs what came, with the secret that should have been used, and compares.
    private boolean signed(HttpExchange exchange, byte[] body) {
        String given = exchange.getRequestHeaders().getFirst("Authorization");
        Map<String, String> headers = new HashMap<>();
        for (String name : new String[] {"Content-Type", "X-Amz-Target"}) {
            headers.put(name, exchange.getRequestHeaders().getFirst(name));
        }
        String time = exchange.getRequestHeaders().getFirst("X-Amz-Date");
        Instant when =
                Instant.parse(
                        time.replaceFirst("(....)(..)(..)T(..)(..)(..)Z", "$1-$2-$3T$4:$5:$6Z"));
        String expected =
                new SigV4("eu-central-1", "kms")
                        .sign(
                                URI.create(place.origin() + "/"),
                                headers,
                                body,
                                new SigV4.Credentials(
                                        "AKIDEXAMPLE",
                                        Sensitive.of("the-secret"),
                                        Optional.of(Sensitive.of("session"))),
                                when)
                        .get("authorization");
        return given.equals(expected);
    }

    @Test
    void signsAsThePublishedExampleDoes() {
        // The case post-vanilla of AWS's own test suite for Signature Version 4.
        String signature =
                new SigV4("us-east-1", "service")
                        .sign(
                                URI.create("https://example.amazonaws.com/"),
                                Map.of(),
                                new byte[0],
                                new SigV4.Credentials(
                                        "AKIDEXAMPLE",
                                        Sensitive.of("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                                        Optional.empty()),
                                Instant.parse("2015-08-30T12:36:00Z"))
                        .get("authorization");
        assertThat(signature)
                .isEqualTo(
                        "AWS4-HMAC-SHA256"
                            + " Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                            + " SignedHeaders=host;x-amz-date,"
                            + " Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    }

    @Test
    void aWrongSecretSaysNothingAboutTheKey() throws Exception {
        byte[] wrapped = kek().wrap(key(), PLACE);
        credentials("another-secret");
        assertThatThrownBy(() -> kek().unwrap(wrapped, PLACE))
                .isInstanceOfSatisfying(
                        KeyUnavailableException.class, e -> assertThat(e.withdrawn()).isFalse())
                .hasMessageContaining("InvalidSignatureException");
    }
}

package atlas.vault.kek;

import atlas.core.Sensitive;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.vault.KekStatus;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Google Cloud KMS: {@code
 * gcp-kms:projects/P/locations/L/keyRings/R/cryptoKeys/K?credentials-file=…}, the file being a
 * service account's key. The place is bound as additional authenticated data, and both ways are
 * checked by the checksums the service offers.
 */
final class GcpKms implements KeyService {
    static final String SCHEME = "gcp-kms";
    static final Set<String> PARAMETERS =
            Set.of("credentials-file", "endpoint", KekTransport.CA_FILE);

    private static final Set<String> NO =
            Set.of("FAILED_PRECONDITION", "PERMISSION_DENIED", "NOT_FOUND");
    private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();
    private static final long LIFETIME = 3600;

    private final KekUri uri;
    private final String key;
    private final String endpoint;
    private final SecretFile credentials;
    private final Clock clock;
    private final KekTransport transport;
    private final BearerToken token;

    GcpKms(KekUri uri, Path base, Clock clock) {
        this.uri = uri;
        this.clock = clock;
        key = uri.place();
        if (!key.matches(
                "projects/[A-Za-z0-9:.-]+/locations/[a-z0-9-]+/keyRings/[A-Za-z0-9_-]+/cryptoKeys/[A-Za-z0-9_-]+")) {
            throw new IllegalArgumentException(
                    "`" + key + "` should be `projects/P/locations/L/keyRings/R/cryptoKeys/K`");
        }
        endpoint =
                KekTransport.https(uri.get("endpoint").orElse("https://cloudkms.googleapis.com"))
                        .toString();
        credentials = new SecretFile(uri.needFile("credentials-file", base));
        transport = KekTransport.trusting(uri.file(KekTransport.CA_FILE, base));
        token = new BearerToken(transport, clock, this::grant);
    }

    @Override
    public String uri() {
        return uri.text();
    }

    @Override
    public KekStatus status() {
        try {
            KekJson said = call(() -> transport.get(place(""), headers()), false);
            String state = said.text("primary.state").orElse("unknown");
            return new KekStatus(
                    uri(),
                    state.equals("ENABLED"),
                    said.text("primary.name").orElse(key),
                    "held by Google Cloud KMS; "
                            + said.text("primary.protectionLevel").orElse("SOFTWARE")
                            + ", "
                            + state);
        } catch (KeyUnavailableException e) {
            return new KekStatus(uri(), false, key, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public byte[] encrypt(byte[] plain, String place) {
        KekJson said = ask("encrypt", "plaintext", plain, place);
        if (!said.text("verifiedPlaintextCrc32c").orElse("").equals("true")) {
            throw garbled();
        }
        return checked(said, "ciphertext");
    }

    @Override
    public byte[] decrypt(byte[] encrypted, String place) {
        return checked(ask("decrypt", "ciphertext", encrypted, place), "plaintext");
    }

    private KekJson ask(String verb, String field, byte[] value, String place) {
        byte[] aad = place.getBytes(StandardCharsets.US_ASCII);
        Map<String, String> body = new LinkedHashMap<>();
        body.put(field, Base64.getEncoder().encodeToString(value));
        body.put(field + "Crc32c", crc(value));
        body.put("additionalAuthenticatedData", Base64.getEncoder().encodeToString(aad));
        body.put("additionalAuthenticatedDataCrc32c", crc(aad));
        return call(
                () -> transport.post(place(":" + verb), headers(), KekJson.object(body)),
                verb.equals("decrypt"));
    }

    private interface Sent {
        KekTransport.Answer get();
    }

    private KekJson call(Sent sent, boolean decrypting) {
        KekTransport.Answer answer = sent.get();
        if (answer.status() == 401) {
            token.forget();
            answer = sent.get();
        }
        KekJson said = KekJson.of(answer.body());
        if (answer.ok()) {
            return said;
        }
        String kind = said.text("error.status").orElse("status " + answer.status());
        String message = said.text("error.message").orElse("");
        // Of what is encrypted or looked at it means that the request was not as it should be.
        if (kind.equals("INVALID_ARGUMENT") && decrypting) {
            throw new SealBrokenException("not wrapped by `" + key + "`, or altered", null);
        }
        String what =
                "Google Cloud KMS does not let `" + key + "` be used: " + kind + ", " + message;
        throw NO.contains(kind)
                ? KeyUnavailableException.withdrawn(what)
                : new KeyUnavailableException(what, null);
    }

    private static byte[] checked(KekJson said, String field) {
        byte[] value = said.bytes(field);
        if (!crc(value).equals(said.need(field + "Crc32c"))) {
            throw garbled();
        }
        return value;
    }

    private static KeyUnavailableException garbled() {
        return new KeyUnavailableException(
                "what went to or came from Google Cloud KMS was garbled on the way", null);
    }

    private static String crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Long.toString(crc.getValue());
    }

    private URI place(String verb) {
        return URI.create(endpoint + "/v1/" + key + verb);
    }

    private Map<String, String> headers() {
        return Map.of(
                "authorization",
                "Bearer " + token.get().reveal(),
                "content-type",
                "application/json");
    }

    // A service account signs its own grant (RFC 7523).
    private BearerToken.Grant grant() {
        KekJson account = KekJson.of(credentials.read().reveal().getBytes(StandardCharsets.UTF_8));
        URI place = KekTransport.https(account.need("token_uri"));
        long now = clock.instant().getEpochSecond();
        Map<String, String> claims = new LinkedHashMap<>();
        claims.put("iss", account.need("client_email"));
        claims.put("scope", "https://www.googleapis.com/auth/cloudkms");
        claims.put("aud", place.toString());
        String unsigned =
                URL.encodeToString(KekJson.object(Map.of("alg", "RS256", "typ", "JWT")))
                        + "."
                        + URL.encodeToString(withTimes(claims, now));
        String assertion = unsigned + "." + URL.encodeToString(sign(account, unsigned));
        return new BearerToken.Grant(
                place,
                Sensitive.of(
                        Map.of(
                                "grant_type",
                                "urn:ietf:params:oauth:grant-type:jwt-bearer",
                                "assertion",
                                assertion)));
    }

    private static byte[] withTimes(Map<String, String> claims, long now) {
        return atlas.core.json.Json.bytes(out -> {
            out.writeStartObject();
            for (Map.Entry<String, String> claim : claims.entrySet()) {
                out.writeStringField(claim.getKey(), claim.getValue());
            }
            out.writeNumberField("iat", now);
            out.writeNumberField("exp", now + LIFETIME);
            out.writeEndObject();
        });
    }

    private static byte[] sign(KekJson account, String text) {
        String pem =
                account.need("private_key").replaceAll("-----(BEGIN|END) PRIVATE KEY-----|\\s", "");
        try {
            PrivateKey key =
                    KeyFactory.getInstance("RSA")
                            .generatePrivate(
                                    new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return signature.sign();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new KeyUnavailableException("the service account's private key is not usable", e);
        }
    }

    @Override
    public void close() {
        transport.close();
    }
}

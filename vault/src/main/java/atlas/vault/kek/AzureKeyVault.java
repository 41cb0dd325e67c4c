package atlas.vault.kek;

import atlas.core.Sensitive;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.vault.KekStatus;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Azure Key Vault and Managed HSM: {@code
 * azure-kv:https://NAME.vault.azure.net/keys/KEY?tenant-id=…&client-id=…&client-secret-file=…}. It
 * binds no place, which {@link EnvelopeKek} does anyway. The key's version that wrapped is kept
 * with the wrapped bytes, so a key may be rotated there.
 *
 * <pre>length of version (1) | version | wrapped</pre>
 */
final class AzureKeyVault implements KeyService {
    static final String SCHEME = "azure-kv";
    static final Set<String> PARAMETERS =
            Set.of(
                    "tenant-id",
                    "client-id",
                    "client-secret-file",
                    "authority",
                    "scope",
                    "algorithm",
                    KekTransport.CA_FILE);

    private static final String API = "?api-version=7.4";
    private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

    private final KekUri uri;
    private final String key;
    private final String algorithm;
    private final KekTransport transport;
    private final BearerToken token;

    AzureKeyVault(KekUri uri, Path base, Clock clock) {
        this.uri = uri;
        URI place = KekTransport.https(uri.place());
        if (!place.getPath().matches("/keys/[A-Za-z0-9-]+")) {
            throw new IllegalArgumentException(
                    "`" + uri.place() + "` should be `https://NAME.vault.azure.net/keys/KEY`");
        }
        key = place.toString();
        algorithm = uri.get("algorithm").orElse("RSA-OAEP-256");
        transport = KekTransport.trusting(uri.file(KekTransport.CA_FILE, base));
        String tenant = uri.need("tenant-id");
        String client = uri.need("client-id");
        if (!tenant.matches("[A-Za-z0-9.-]+")) {
            throw new IllegalArgumentException("`" + tenant + "` is not a tenant of Entra ID");
        }
        SecretFile secret = new SecretFile(uri.needFile("client-secret-file", base));
        URI tokens =
                KekTransport.https(
                        uri.get("authority").orElse("https://login.microsoftonline.com")
                                + "/"
                                + tenant
                                + "/oauth2/v2.0/token");
        String scope = uri.get("scope").orElse("https://vault.azure.net/.default");
        token =
                new BearerToken(
                        transport,
                        clock,
                        () ->
                                new BearerToken.Grant(
                                        tokens,
                                        Sensitive.of(
                                                Map.of(
                                                        "grant_type",
                                                        "client_credentials",
                                                        "client_id",
                                                        client,
                                                        "scope",
                                                        scope,
                                                        "client_secret",
                                                        secret.word().reveal()))));
    }

    @Override
    public String uri() {
        return uri.text();
    }

    @Override
    public KekStatus status() {
        try {
            KekJson said = call(() -> transport.get(URI.create(key + API), headers()), false);
            boolean enabled = said.text("attributes.enabled").orElse("").equals("true");
            return new KekStatus(
                    uri(),
                    enabled,
                    said.text("key.kid").orElse(key),
                    "held by Azure Key Vault; "
                            + said.text("key.kty").orElse("unknown")
                            + (enabled ? "" : ", disabled"));
        } catch (KeyUnavailableException e) {
            return new KekStatus(uri(), false, key, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public byte[] encrypt(byte[] plain, String place) {
        KekJson said = ask("", "wrapkey", plain);
        String kid = said.need("kid");
        byte[] version =
                kid.startsWith(key + "/")
                        ? kid.substring(key.length() + 1).getBytes(StandardCharsets.US_ASCII)
                        : new byte[0];
        if (version.length == 0 || version.length > 64) {
            throw new KeyUnavailableException(
                    "Azure Key Vault wrapped with another key than `" + key + "`", null);
        }
        byte[] wrapped = said.urlBytes("value");
        return ByteBuffer.allocate(1 + version.length + wrapped.length)
                .put((byte) version.length)
                .put(version)
                .put(wrapped)
                .array();
    }

    @Override
    public byte[] decrypt(byte[] encrypted, String place) {
        int length = encrypted[0];
        if (length < 1 || length > 64 || length >= encrypted.length) {
            throw new SealBrokenException("not wrapped by `" + key + "`", null);
        }
        String version = new String(encrypted, 1, length, StandardCharsets.US_ASCII);
        if (!version.matches("[A-Za-z0-9]+")) {
            throw new SealBrokenException("not wrapped by `" + key + "`", null);
        }
        byte[] wrapped = java.util.Arrays.copyOfRange(encrypted, 1 + length, encrypted.length);
        return ask("/" + version, "unwrapkey", wrapped).urlBytes("value");
    }

    private KekJson ask(String version, String verb, byte[] value) {
        Map<String, String> body = new LinkedHashMap<>();
        body.put("alg", algorithm);
        body.put("value", URL.encodeToString(value));
        URI place = URI.create(key + version + "/" + verb + API);
        boolean unwrapping = verb.equals("unwrapkey");
        return call(() -> transport.post(place, headers(), KekJson.object(body)), unwrapping);
    }

    private interface Sent {
        KekTransport.Answer get();
    }

    private KekJson call(Sent sent, boolean unwrapping) {
        KekTransport.Answer answer = sent.get();
        if (answer.status() == 401) {
            token.forget();
            answer = sent.get();
        }
        KekJson said = KekJson.of(answer.body());
        if (answer.ok()) {
            return said;
        }
        // Of what is wrapped or looked at it means that the request was not as it should be.
        if (answer.status() == 400 && unwrapping) {
            throw new SealBrokenException("not wrapped by `" + key + "`, or altered", null);
        }
        String what =
                "Azure Key Vault does not let `"
                        + key
                        + "` be used: "
                        + said.text("error.innererror.code")
                                .or(() -> said.text("error.code"))
                                .orElse("status " + answer.status())
                        + said.text("error.message").map(why -> ", " + why).orElse("");
        throw answer.status() == 403 || answer.status() == 404
                ? KeyUnavailableException.withdrawn(what)
                : new KeyUnavailableException(what, null);
    }

    private Map<String, String> headers() {
        return Map.of(
                "authorization",
                "Bearer " + token.get().reveal(),
                "content-type",
                "application/json");
    }

    @Override
    public void close() {
        transport.close();
    }
}

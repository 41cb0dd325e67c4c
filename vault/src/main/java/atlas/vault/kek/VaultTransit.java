package atlas.vault.kek;

import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.vault.KekStatus;
import java.net.URI;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The transit engine of HashiCorp Vault and OpenBao: {@code
 * vault-transit:https://host:8200/MOUNT/KEY?token-file=…}. The key is an AEAD one ({@code
 * aes256-gcm96}), so the place is bound there as well. The token is read for every call: an agent
 * keeps it fresh. The engine says the same of a token that ended and of a key that may not be used,
 * so a refusal counts as one of the key only when the token still stands.
 */
final class VaultTransit implements KeyService {
    static final String SCHEME = "vault-transit";
    static final Set<String> PARAMETERS = Set.of("token-file", "namespace", KekTransport.CA_FILE);

    private final KekUri uri;
    private final URI server;
    private final String mount;
    private final String key;
    private final SecretFile token;
    private final KekTransport transport;

    VaultTransit(KekUri uri, Path base) {
        this.uri = uri;
        this.server = KekTransport.https(uri.place());
        String path = server.getPath();
        int slash = path.lastIndexOf('/');
        if (slash < 1 || slash == path.length() - 1 || !path.matches("[A-Za-z0-9/._-]+")) {
            throw new IllegalArgumentException(
                    "`" + uri.place() + "` should be `https://host:8200/MOUNT/KEY`");
        }
        this.mount = path.substring(1, slash);
        this.key = path.substring(slash + 1);
        this.token = new SecretFile(uri.needFile("token-file", base));
        this.transport = KekTransport.trusting(uri.file(KekTransport.CA_FILE, base));
    }

    @Override
    public String uri() {
        return uri.text();
    }

    @Override
    public KekStatus status() {
        try {
            KekTransport.Answer answer = transport.get(place("keys"), headers());
            if (!answer.ok()) {
                throw failed(answer, "be looked at");
            }
            KekJson said = KekJson.of(answer.body());
            return new KekStatus(
                    uri(),
                    true,
                    key + " v" + said.text("data.latest_version").orElse("?"),
                    "held by a transit engine; type " + said.text("data.type").orElse("unknown"));
        } catch (KeyUnavailableException e) {
            return new KekStatus(uri(), false, key, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public byte[] encrypt(byte[] plain, String place) {
        KekJson said =
                ask("encrypt", "plaintext", Base64.getEncoder().encodeToString(plain), place);
        return said.need("data.ciphertext").getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    @Override
    public byte[] decrypt(byte[] encrypted, String place) {
        String text = new String(encrypted, java.nio.charset.StandardCharsets.US_ASCII);
        return ask("decrypt", "ciphertext", text, place).bytes("data.plaintext");
    }

    private KekJson ask(String verb, String field, String value, String place) {
        Map<String, String> body = new LinkedHashMap<>();
        body.put(field, value);
        body.put(
                "associated_data",
                Base64.getEncoder()
                        .encodeToString(
                                place.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        KekTransport.Answer answer = transport.post(place(verb), headers(), KekJson.object(body));
        if (answer.ok()) {
            return KekJson.of(answer.body());
        }
        String why = why(answer);
        // What the engine says of bytes it did not make, or that were moved or altered.
        if (answer.status() == 400
                && verb.equals("decrypt")
                && (why.contains("message authentication failed")
                        || why.contains("invalid ciphertext"))) {
            throw new SealBrokenException("not wrapped by `" + uri() + "`, or altered", null);
        }
        throw failed(answer, verb);
    }

    private KeyUnavailableException failed(KekTransport.Answer answer, String verb) {
        String what =
                "the key `"
                        + key
                        + "` of `"
                        + server.getAuthority()
                        + "` may not "
                        + verb
                        + ": "
                        + why(answer);
        if (answer.status() == 403 && !tokenStands()) {
            return new KeyUnavailableException(
                    "the token in `"
                            + token.path()
                            + "` is not valid at `"
                            + server.getAuthority()
                            + "` any more, so the key `"
                            + key
                            + "` cannot be asked for; put a valid one there",
                    null);
        }
        // 473 and its like are standbys; 503 is sealed. 400 is said of a key that was deleted.
        return answer.away() || answer.status() == 412 || answer.status() > 450
                ? new KeyUnavailableException(what, null)
                : KeyUnavailableException.withdrawn(what);
    }

    private boolean tokenStands() {
        URI self = URI.create("https://" + server.getAuthority() + "/v1/auth/token/lookup-self");
        KekTransport.Answer answer = transport.get(self, headers());
        if (answer.ok() || answer.status() == 403) {
            return answer.ok();
        }
        throw new KeyUnavailableException(
                "`"
                        + server.getAuthority()
                        + "` does not say whether the token in `"
                        + token.path()
                        + "` still holds: status "
                        + answer.status(),
                null);
    }

    private static String why(KekTransport.Answer answer) {
        return Optional.of(KekJson.of(answer.body()))
                .flatMap(said -> said.text("errors.0"))
                .orElse("status " + answer.status());
    }

    private URI place(String verb) {
        return URI.create(
                "https://" + server.getAuthority() + "/v1/" + mount + "/" + verb + "/" + key);
    }

    private Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("x-vault-token", token.word().reveal());
        headers.put("x-vault-request", "true");
        uri.get("namespace").ifPresent(name -> headers.put("x-vault-namespace", name));
        return headers;
    }

    @Override
    public void close() {
        transport.close();
    }
}

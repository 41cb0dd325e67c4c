package atlas.vault.kek;

import atlas.core.Sensitive;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.core.json.Json;
import atlas.vault.KekStatus;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * AWS Key Management Service: {@code aws-kms:arn:aws:kms:REGION:ACCOUNT:key/ID?credentials-file=…}.
 * The place is bound as encryption context. The credentials file is the one the AWS tools share,
 * and is read for every call.
 */
final class AwsKms implements KeyService {
    static final String SCHEME = "aws-kms";
    static final Set<String> PARAMETERS =
            Set.of("credentials-file", "profile", "endpoint", KekTransport.CA_FILE);

    private static final String TYPE = "application/x-amz-json-1.1";
    private static final Set<String> NO =
            Set.of(
                    "DisabledException",
                    "KMSInvalidStateException",
                    "NotFoundException",
                    "AccessDeniedException",
                    "InvalidKeyUsageException",
                    "InvalidGrantTokenException");
    private static final Set<String> BROKEN =
            Set.of("InvalidCiphertextException", "IncorrectKeyException");

    private final KekUri uri;
    private final String arn;
    private final URI endpoint;
    private final SigV4 signer;
    private final SecretFile credentials;
    private final String profile;
    private final KekTransport transport;
    private final Clock clock;

    AwsKms(KekUri uri, Path base, Clock clock) {
        this.uri = uri;
        this.clock = clock;
        arn = KekUri.decoded(uri.place());
        String[] parts = arn.split(":", -1);
        if (parts.length != 6
                || !parts[0].equals("arn")
                || !parts[2].equals("kms")
                || !parts[3].matches("[a-z0-9-]+")
                || !parts[5].matches("(key|alias)/[A-Za-z0-9/_-]+")) {
            throw new IllegalArgumentException(
                    "`" + arn + "` should be `arn:aws:kms:REGION:ACCOUNT:key/ID`");
        }
        String domain = parts[1].equals("aws-cn") ? ".amazonaws.com.cn" : ".amazonaws.com";
        endpoint =
                KekTransport.https(
                        uri.get("endpoint").orElse("https://kms." + parts[3] + domain) + "/");
        signer = new SigV4(parts[3], "kms");
        credentials = new SecretFile(uri.needFile("credentials-file", base));
        profile = uri.get("profile").orElse("default");
        transport = KekTransport.trusting(uri.file(KekTransport.CA_FILE, base));
    }

    @Override
    public String uri() {
        return uri.text();
    }

    @Override
    public KekStatus status() {
        try {
            KekJson said = ask("DescribeKey", KekJson.object(Map.of("KeyId", arn)));
            String state = said.text("KeyMetadata.KeyState").orElse("unknown");
            return new KekStatus(
                    uri(),
                    state.equals("Enabled"),
                    said.text("KeyMetadata.KeyId").orElse(arn),
                    "held by AWS KMS; " + state);
        } catch (KeyUnavailableException e) {
            return new KekStatus(uri(), false, arn, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public byte[] encrypt(byte[] key, String place) {
        return ask("Encrypt", body("Plaintext", key, place)).bytes("CiphertextBlob");
    }

    @Override
    public byte[] decrypt(byte[] encrypted, String place) {
        return ask("Decrypt", body("CiphertextBlob", encrypted, place)).bytes("Plaintext");
    }

    private byte[] body(String field, byte[] value, String place) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("KeyId", arn);
            out.writeStringField(field, Base64.getEncoder().encodeToString(value));
            out.writeObjectFieldStart("EncryptionContext");
            out.writeStringField("atlas-place", place);
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    private KekJson ask(String verb, byte[] body) {
        Map<String, String> headers =
                signer.sign(
                        endpoint,
                        Map.of("content-type", TYPE, "x-amz-target", "TrentService." + verb),
                        body,
                        credentials(),
                        clock.instant());
        KekTransport.Answer answer = transport.post(endpoint, headers, body);
        KekJson said = KekJson.of(answer.body());
        if (answer.ok()) {
            return said;
        }
        String kind = said.text("__type").orElse("status " + answer.status());
        kind = kind.substring(kind.indexOf('#') + 1);
        if (BROKEN.contains(kind)) {
            throw new SealBrokenException("not wrapped by `" + arn + "`, or altered", null);
        }
        String what =
                "AWS KMS does not let `"
                        + arn
                        + "` be used: "
                        + kind
                        + said.text("message")
                                .or(() -> said.text("Message"))
                                .map(m -> ", " + m)
                                .orElse("");
        throw NO.contains(kind)
                ? KeyUnavailableException.withdrawn(what)
                : new KeyUnavailableException(what, null);
    }

    // The INI file of the AWS tools: [profile], name = value.
    private SigV4.Credentials credentials() {
        Map<String, String> values = new HashMap<>();
        String section = "";
        for (String raw : credentials.read().reveal().lines().toList()) {
            String line = raw.strip();
            if (line.startsWith("[") && line.endsWith("]")) {
                section = line.substring(1, line.length() - 1).strip();
            } else if (section.equals(profile) && line.indexOf('=') > 0 && !line.startsWith("#")) {
                int equals = line.indexOf('=');
                values.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
            }
        }
        String accessKey = values.get("aws_access_key_id");
        String secretKey = values.get("aws_secret_access_key");
        if (accessKey == null || secretKey == null) {
            throw new KeyUnavailableException(
                    "`"
                            + credentials.path()
                            + "` has no aws_access_key_id and aws_secret_access_key under ["
                            + profile
                            + "]",
                    null);
        }
        return new SigV4.Credentials(
                accessKey,
                Sensitive.of(secretKey),
                Optional.ofNullable(values.get("aws_session_token")).map(Sensitive::of));
    }

    @Override
    public void close() {
        transport.close();
    }
}

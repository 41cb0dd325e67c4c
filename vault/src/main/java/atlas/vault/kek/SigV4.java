package atlas.vault.kek;

import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * AWS Signature Version 4 for a {@code POST} to the root of a host.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html">the
 *     documented steps</a>
 */
final class SigV4 {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /** An access key, with its session token when it is a temporary one. */
    record Credentials(
            String accessKey, Sensitive<String> secretKey, Optional<Sensitive<String>> session) {}

    private final String region;
    private final String service;

    SigV4(String region, String service) {
        this.region = region;
        this.service = service;
    }

    /**
     * All headers to send, the given ones included and signed; {@code host} is left to the client.
     */
    Map<String, String> sign(
            URI place, Map<String, String> headers, byte[] body, Credentials by, Instant now) {
        String time = TIME.format(now);
        String date = time.substring(0, 8);
        SortedMap<String, String> signed = new TreeMap<>();
        headers.forEach((name, value) -> signed.put(name.toLowerCase(Locale.ROOT), value.strip()));
        signed.put("host", place.getAuthority());
        signed.put("x-amz-date", time);
        by.session().ifPresent(token -> signed.put("x-amz-security-token", token.reveal()));
        String names = String.join(";", signed.keySet());
        String canonical =
                "POST\n/\n\n"
                        + signed.entrySet().stream()
                                .map(e -> e.getKey() + ":" + e.getValue() + "\n")
                                .collect(Collectors.joining())
                        + "\n"
                        + names
                        + "\n"
                        + Hashes.sha256(body).hex();
        String scope = date + "/" + region + "/" + service + "/aws4_request";
        String toSign =
                ALGORITHM + "\n" + time + "\n" + scope + "\n" + Hashes.sha256(canonical).hex();
        byte[] key =
                hmac(
                        hmac(
                                hmac(
                                        hmac(
                                                ("AWS4" + by.secretKey().reveal())
                                                        .getBytes(StandardCharsets.UTF_8),
                                                date),
                                        region),
                                service),
                        "aws4_request");
        String signature = HexFormat.of().formatHex(hmac(key, toSign));
        Map<String, String> all = new TreeMap<>(signed);
        all.remove("host");
        all.put(
                "authorization",
                ALGORITHM
                        + " Credential="
                        + by.accessKey()
                        + "/"
                        + scope
                        + ", SignedHeaders="
                        + names
                        + ", Signature="
                        + signature);
        return all;
    }

    private static byte[] hmac(byte[] key, String text) {
        return Hashes.hmacSha256(key, text.getBytes(StandardCharsets.UTF_8));
    }
}

package atlas.journal.s3;

import atlas.core.crypto.Hashes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.SortedMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** AWS Signature Version 4 for the service {@code s3}, payload hash included. */
final class RequestSignature {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private final String region;
    private final String accessKey;
    private final byte[] secretKey;

    RequestSignature(String region, String accessKey, String secretKey) {
        this.region = region;
        this.accessKey = accessKey;
        this.secretKey = ("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8);
    }

    /** The value of {@code x-amz-date}. */
    static String stamp(Instant when) {
        return STAMP.format(when);
    }

    /**
     * The value of {@code Authorization}.
     *
     * @param path percent-encoded already
     * @param query its parameters sorted and encoded already
     * @param headers every header to be signed by its name in lower case; {@code host}, {@code
     *     x-amz-date} and {@code x-amz-content-sha256} among them
     */
    String authorization(
            String method, String path, String query, SortedMap<String, String> headers) {
        String stamp = headers.getOrDefault("x-amz-date", "");
        String day = stamp.substring(0, 8);
        String scope = day + "/" + region + "/s3/aws4_request";
        String names = String.join(";", headers.keySet());
        StringBuilder request = new StringBuilder();
        request.append(method).append('\n').append(path).append('\n').append(query).append('\n');
        headers.forEach((name, value) ->
                request.append(name).append(':').append(value.strip()).append('\n'));
        request.append('\n').append(names).append('\n');
        request.append(headers.getOrDefault("x-amz-content-sha256", ""));
        String toSign =
                "AWS4-HMAC-SHA256\n"
                        + stamp
                        + "\n"
                        + scope
                        + "\n"
                        + Hashes.sha256(request.toString()).hex();
        byte[] key = hmac(hmac(hmac(hmac(secretKey, day), region), "s3"), "aws4_request");
        return "AWS4-HMAC-SHA256 Credential="
                + accessKey
                + "/"
                + scope
                + ",SignedHeaders="
                + names
                + ",Signature="
                + HexFormat.of().formatHex(hmac(key, toSign));
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HMAC-SHA256", e);
        }
    }
}

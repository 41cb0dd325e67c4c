package atlas.identity.saml;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A login that this browser began. It travels in the browser's own cookie under a MAC, so that
 * strangers who begin logins fill no memory here.
 *
 * @param provider the configured name of who was asked
 * @param requestId the {@code ID} of our request
 * @param relay an opaque handle that must come back as {@code RelayState}
 * @param kept what whoever began it wants back with the outcome; one word, may be empty
 */
record PendingLogin(String provider, String requestId, String relay, Instant expires, String kept) {
    private static final SecureRandom RANDOM = new SecureRandom();

    PendingLogin {
        if (kept.length() > 64 || kept.indexOf(' ') >= 0) {
            throw new IllegalArgumentException("what a login keeps is one short word");
        }
    }

    static PendingLogin begun(String provider, Instant expires, String kept) {
        return new PendingLogin(provider, "_" + random(20), random(16), expires, kept);
    }

    /** An unguessable XML name (SAML Core 1.3.4: at least 128 bits). */
    static String random(int bytes) {
        byte[] value = new byte[bytes];
        RANDOM.nextBytes(value);
        return HexFormat.of().formatHex(value);
    }

    /** Writes and reads the cookie; one key for one life of the process. */
    static final class Codec {
        private static final int LONGEST = 512;
        private final SecretKeySpec key;

        Codec() {
            byte[] secret = new byte[32];
            RANDOM.nextBytes(secret);
            key = new SecretKeySpec(secret, "HmacSHA256");
        }

        String write(PendingLogin login) {
            String text =
                    String.join(
                            " ",
                            login.provider,
                            login.requestId,
                            login.relay,
                            String.valueOf(login.expires.getEpochSecond()),
                            login.kept);
            byte[] body = text.getBytes(StandardCharsets.US_ASCII);
            return base64(body) + "." + base64(mac(body));
        }

        PendingLogin read(String cookie, Instant now) throws SamlException {
            int dot = cookie.indexOf('.');
            if (dot < 1 || cookie.length() > LONGEST) {
                throw new SamlException("saml_request_unknown");
            }
            try {
                byte[] body = Base64.getUrlDecoder().decode(cookie.substring(0, dot));
                byte[] tag = Base64.getUrlDecoder().decode(cookie.substring(dot + 1));
                if (!MessageDigest.isEqual(mac(body), tag)) {
                    throw new SamlException("saml_request_unknown");
                }
                String[] parts = new String(body, StandardCharsets.US_ASCII).split(" ", -1);
                PendingLogin login =
                        new PendingLogin(
                                parts[0],
                                parts[1],
                                parts[2],
                                Instant.ofEpochSecond(Long.parseLong(parts[3])),
                                parts[4]);
                if (!now.isBefore(login.expires)) {
                    throw new SamlException("saml_request_expired");
                }
                return login;
            } catch (IllegalArgumentException e) {
                throw new SamlException("saml_request_unknown");
            }
        }

        private byte[] mac(byte[] body) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(key);
                return mac.doFinal(body);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
            }
        }

        private static String base64(byte[] bytes) {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        }
    }

    /** Whether what came back as {@code RelayState} is our handle. */
    boolean relayedBy(String state) {
        return MessageDigest.isEqual(
                relay.getBytes(StandardCharsets.UTF_8), state.getBytes(StandardCharsets.UTF_8));
    }
}

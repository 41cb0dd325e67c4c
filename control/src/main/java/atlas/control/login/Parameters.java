package atlas.control.login;

import atlas.control.login.Door.Shut;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Reads {@code a=b&c=d} strictly: each name once, few, and not too long. */
public final class Parameters {
    private static final int MAX = 16;
    private static final int USUAL_LENGTH = 64 << 10;

    private Parameters() {}

    /** At most 64 KiB of them. */
    public static Map<String, String> read(String encoded) throws Shut {
        return read(encoded, USUAL_LENGTH);
    }

    /** At most so many characters of them. */
    public static Map<String, String> read(String encoded, int longest) throws Shut {
        Map<String, String> values = new HashMap<>();
        if (encoded.isEmpty()) {
            return values;
        }
        String[] pairs = encoded.split("&", -1);
        if (pairs.length > MAX || encoded.length() > longest) {
            throw malformed("parameters_too_many");
        }
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw malformed("parameters_malformed");
            }
            // RFC 6749 §3.1: a parameter must not be included more than once.
            if (values.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)))
                    != null) {
                throw malformed("parameters_repeated");
            }
        }
        return values;
    }

    private static String decode(String text) throws Shut {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw malformed("parameters_malformed");
        }
    }

    private static Shut malformed(String reason) {
        return new Shut(Shut.Kind.MALFORMED, reason, "sign-in");
    }
}

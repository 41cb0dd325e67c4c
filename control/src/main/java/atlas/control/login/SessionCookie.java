package atlas.control.login;

import atlas.core.Sensitive;
import atlas.runtime.http.Headers;
import java.util.ArrayList;
import java.util.List;

/**
 * Cookies of this origin alone: the {@code __Host-} prefix makes browsers refuse them from plain
 * HTTP, from other hosts and for other paths (RFC 6265bis §4.1.3.2).
 */
public final class SessionCookie {
    /** The session's name among cookies. */
    public static final String NAME = "__Host-atlas-session";

    private SessionCookie() {}

    /** Sets it: gone when the browser closes, never readable by a script, never sent cross-site. */
    public static String set(Sensitive<String> secret) {
        return cookie(NAME, secret.reveal(), "SameSite=Strict");
    }

    /** Takes it away. */
    public static String clear() {
        return cookie(NAME, "", "SameSite=Strict; Max-Age=0");
    }

    /** One for the way to a provider and back, a few minutes long. */
    public static String forTheWay(String name, Sensitive<String> value, String sameSite) {
        return cookie(name, value.reveal(), "SameSite=" + sameSite + "; Max-Age=600");
    }

    /** Takes one for the way away. */
    public static String clearForTheWay(String name, String sameSite) {
        return cookie(name, "", "SameSite=" + sameSite + "; Max-Age=0");
    }

    private static String cookie(String name, String value, String more) {
        return name + "=" + value + "; Path=/; Secure; HttpOnly; " + more;
    }

    /** Every value sent under a name; more than one is for the caller to refuse. */
    public static List<Sensitive<String>> values(Headers headers, String name) {
        List<Sensitive<String>> values = new ArrayList<>(1);
        for (String line : headers.all("cookie")) {
            for (String pair : line.split(";", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                    values.add(Sensitive.of(pair.substring(equals + 1).strip()));
                }
            }
        }
        return values;
    }
}

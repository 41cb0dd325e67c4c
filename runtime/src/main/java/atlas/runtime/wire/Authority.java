package atlas.runtime.wire;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which server a request is for, in one spelling: a lower-case name, an IPv4 address or an IPv6
 * address without brackets, and a port (RFC 9110 §4.2.2, RFC 3986 §3.2). What two readers could
 * take for two servers is refused: empty labels, a trailing dot, an address with a leading zero, an
 * empty port, user information.
 *
 * @param port 443 when none was written
 */
public record Authority(String host, int port) {
    private static final int HTTPS = 443;
    private static final int MAX_NAME = 253;

    static Authority parse(String text) throws BadMessage {
        boolean literal = text.startsWith("[");
        int end = literal ? text.indexOf(']') + 1 : text.indexOf(':');
        if (literal && end == 0) {
            throw malformed();
        }
        String host = end < 0 ? text : text.substring(0, end);
        String rest = end < 0 ? "" : text.substring(end);
        return new Authority(literal ? address6(host) : name(host), port(rest));
    }

    private static int port(String rest) throws BadMessage {
        if (rest.isEmpty()) {
            return HTTPS;
        }
        int value = 0;
        for (int i = 1; i < rest.length(); i++) {
            char c = rest.charAt(i);
            if (c < '0' || c > '9' || i > 5) {
                throw malformed();
            }
            value = value * 10 + (c - '0');
        }
        if (rest.charAt(0) != ':' || value == 0 || value > 65_535) {
            throw malformed();
        }
        return value;
    }

    private static String name(String host) throws BadMessage {
        if (host.isEmpty() || host.length() > MAX_NAME || !Grammar.hostName(host)) {
            throw malformed();
        }
        boolean numeric = true;
        int labels = 0;
        int start = 0;
        while (start <= host.length()) {
            int dot = host.indexOf('.', start);
            int stop = dot < 0 ? host.length() : dot;
            if (stop == start) {
                throw malformed();
            }
            numeric = digits(host, start, stop);
            labels++;
            start = stop + 1;
        }
        // WHATWG URL: a last label of digits makes it an address, so it must be a whole one.
        if (numeric && (labels != 4 || !address4(host))) {
            throw malformed();
        }
        return host.toLowerCase(Locale.ROOT);
    }

    private static boolean address4(String host) {
        int start = 0;
        while (start < host.length()) {
            int dot = host.indexOf('.', start);
            int stop = dot < 0 ? host.length() : dot;
            int length = stop - start;
            if (!digits(host, start, stop)
                    || length > 3
                    || (length > 1 && host.charAt(start) == '0')
                    || Integer.parseInt(host, start, stop, 10) > 255) {
                return false;
            }
            start = stop + 1;
        }
        return true;
    }

    private static String address6(String bracketed) throws BadMessage {
        String text = bracketed.substring(1, bracketed.length() - 1);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Grammar.hex(c) < 0 && c != ':' && c != '.') {
                throw malformed();
            }
        }
        @Nullable String canonical = canonical6(text);
        if (canonical == null) {
            throw malformed();
        }
        return canonical;
    }

    private static @Nullable String canonical6(String text) {
        try {
            // An address that maps IPv4 comes back as IPv4: a second spelling, so refused.
            return InetAddress.ofLiteral(text) instanceof Inet6Address six
                    ? six.getHostAddress()
                    : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean digits(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static BadMessage malformed() {
        return BadMessage.malformed("the host is not a host name or address");
    }

    /** As it stands in a URL, without the port that https implies. */
    @Override
    public String toString() {
        String shown = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return port == HTTPS ? shown : shown + ":" + port;
    }
}

package atlas.export.format;

import java.net.InetAddress;

/** Tells address literals from names. */
final class Addresses {
    private Addresses() {}

    static boolean literal(String text) {
        try {
            return !text.isEmpty() && InetAddress.ofLiteral(text).getHostAddress() != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}

package atlas.core;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;

/**
 * A block of addresses in CIDR notation (RFC 4632, RFC 4291): {@code 10.0.0.0/8}, {@code
 * 2001:db8::/32}, or one address.
 *
 * <p>An IPv4 address in the clothes of IPv6 ({@code ::ffff:192.0.2.1}, RFC 4291 section 2.5.5.2) is
 * that IPv4 address, in blocks and in what is compared with them; a block of IPv6 proper never
 * holds an IPv4 address, not even {@code ::/0}. Nothing here asks a name server. Immutable.
 */
public final class Cidr {
    private final byte[] network;
    private final int prefix;

    private Cidr(byte[] network, int prefix) {
        this.network = network;
        this.prefix = prefix;
    }

    /**
     * Reads a block.
     *
     * @throws IllegalArgumentException when it is none, or when bits are set behind the prefix: who
     *     writes {@code 10.1.2.3/8} means something else than what would be matched
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        byte[] address = address(literal).orElseThrow(() -> notABlock(text));
        // A block in mapped form counts its prefix in 128 bits, of which the first 96 are fixed.
        boolean mapped = address.length == 4 && literal.indexOf(':') >= 0;
        int whole = mapped ? 128 : address.length * 8;
        int written = slash < 0 ? whole : number(text.substring(slash + 1), text);
        int prefix = mapped ? written - 96 : written;
        if (written > whole || prefix < 0) {
            throw notABlock(text);
        }
        byte[] masked = masked(address, prefix);
        if (!Arrays.equals(masked, address)) {
            throw new IllegalArgumentException(
                    "`"
                            + text
                            + "` has bits set behind its prefix; write `"
                            + new Cidr(masked, prefix)
                            + "`, or the address alone");
        }
        return new Cidr(address, prefix);
    }

    /** Whether an address literal lies in the block; false for what is no address at all. */
    public boolean contains(String literal) {
        Optional<byte[]> address = address(literal);
        return address.isPresent()
                && address.get().length == network.length
                && Arrays.equals(masked(address.get(), prefix), network);
    }

    /** The bytes of a literal: 4 or 16; mapped ones as IPv4; empty when it is none. */
    private static Optional<byte[]> address(String literal) {
        if (!literalForm(literal)) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(literal).getAddress());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    // What InetAddress would accept beyond the RFCs: "10.1", "010.0.0.1", zones, brackets.
    private static boolean literalForm(String text) {
        if (text.isEmpty() || text.length() > 45) {
            return false;
        }
        boolean six = text.indexOf(':') >= 0;
        int dots = 0;
        int digits = 0;
        int number = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                dots++;
                digits = 0;
                number = 0;
            } else if (c >= '0' && c <= '9') {
                if (!six && digits > 0 && number == 0) {
                    return false;
                }
                digits++;
                number = number * 10 + (c - '0');
                if (!six && digits > 3) {
                    return false;
                }
            } else if (!six || !(c == ':' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
                return false;
            }
        }
        return six || dots == 3;
    }

    private static byte[] masked(byte[] address, int prefix) {
        byte[] out = address.clone();
        for (int i = 0; i < out.length; i++) {
            int kept = Math.clamp(prefix - i * 8L, 0, 8);
            out[i] &= (byte) (0xff << (8 - kept));
        }
        return out;
    }

    private static int number(String digits, String text) {
        if (digits.isEmpty()
                || digits.length() > 3
                || !digits.chars().allMatch(c -> c >= '0' && c <= '9')
                || (digits.length() > 1 && digits.charAt(0) == '0')) {
            throw notABlock(text);
        }
        return Integer.parseInt(digits);
    }

    private static IllegalArgumentException notABlock(String text) {
        return new IllegalArgumentException(
                "not a block of addresses: `"
                        + text
                        + "`; write it like `10.0.0.0/8` or `2001:db8::/32`");
    }

    /** Canonical: an IPv4 block as such, however it was written. */
    @Override
    public String toString() {
        try {
            return InetAddress.getByAddress(network).getHostAddress() + "/" + prefix;
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cidr that
                && prefix == that.prefix
                && Arrays.equals(network, that.network);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(network) + prefix;
    }
}

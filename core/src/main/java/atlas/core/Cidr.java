package atlas.core;

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

    /** The first address of the block: 4 or 16 bytes. */
    public byte[] network() {
        return network.clone();
    }

    /** How many bits of the network count. */
    public int prefix() {
        return prefix;
    }

    /** The bytes of a literal: 4 or 16; mapped ones as IPv4; empty when it is none. */
    private static Optional<byte[]> address(String literal) {
        if (literal.indexOf(':') < 0) {
            byte[] four = new byte[4];
            return quad(literal, four, 0) ? Optional.of(four) : Optional.empty();
        }
        byte[] sixteen = new byte[16];
        if (!groups(literal, sixteen)) {
            return Optional.empty();
        }
        return Optional.of(mapped(sixteen) ? Arrays.copyOfRange(sixteen, 12, 16) : sixteen);
    }

    private static boolean mapped(byte[] sixteen) {
        for (int i = 0; i < 10; i++) {
            if (sixteen[i] != 0) {
                return false;
            }
        }
        return sixteen[10] == -1 && sixteen[11] == -1;
    }

    /** Four decimal numbers without leading zeros, which some readers take for octal. */
    private static boolean quad(String text, byte[] into, int at) {
        int part = 0;
        int digits = 0;
        int number = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i == text.length() ? '.' : text.charAt(i);
            if (c == '.') {
                if (digits == 0 || part > 3) {
                    return false;
                }
                into[at + part++] = (byte) number;
                digits = 0;
                number = 0;
            } else if (c >= '0' && c <= '9' && !(digits > 0 && number == 0)) {
                number = number * 10 + (c - '0');
                digits++;
                if (number > 255) {
                    return false;
                }
            } else {
                return false;
            }
        }
        return part == 4;
    }

    /** RFC 4291 section 2.2: eight groups, one run of zeros as {@code ::}, perhaps a quad last. */
    private static boolean groups(String text, byte[] into) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return side(text, into) == 16;
        }
        if (text.indexOf("::", gap + 1) >= 0) {
            return false;
        }
        byte[] tail = new byte[16];
        int before = gap == 0 ? 0 : side(text.substring(0, gap), into);
        int after = gap + 2 == text.length() ? 0 : side(text.substring(gap + 2), tail);
        if (before < 0 || after < 0 || before + after > 14) {
            return false;
        }
        System.arraycopy(tail, 0, into, 16 - after, after);
        return true;
    }

    /** Groups without a gap; how many bytes they are, or -1. */
    private static int side(String text, byte[] into) {
        int at = 0;
        String[] groups = text.split(":", -1);
        for (int i = 0; i < groups.length; i++) {
            String group = groups[i];
            boolean quad = i == groups.length - 1 && group.indexOf('.') >= 0;
            if (quad ? at > 12 || !quad(group, into, at) : at > 14 || !hex(group, into, at)) {
                return -1;
            }
            at += quad ? 4 : 2;
        }
        return at;
    }

    private static boolean hex(String group, byte[] into, int at) {
        if (group.isEmpty() || group.length() > 4) {
            return false;
        }
        int value = 0;
        for (int i = 0; i < group.length(); i++) {
            char c = group.charAt(i);
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                return false;
            }
            value = value << 4 | digit;
        }
        into[at] = (byte) (value >> 8);
        into[at + 1] = (byte) value;
        return true;
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

    /** Canonical, as RFC 5952 writes addresses; an IPv4 block as such, however it was written. */
    @Override
    public String toString() {
        return (network.length == 4 ? dotted() : compressed()) + "/" + prefix;
    }

    private String dotted() {
        StringBuilder out = new StringBuilder();
        for (byte part : network) {
            out.append(out.isEmpty() ? "" : ".").append(part & 0xff);
        }
        return out.toString();
    }

    private String compressed() {
        int from = -1;
        int longest = 1;
        for (int i = 0; i < 8; i++) {
            int zeros = 0;
            while (i + zeros < 8 && group(i + zeros) == 0) {
                zeros++;
            }
            if (zeros > longest) {
                from = i;
                longest = zeros;
            }
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == from) {
                out.append("::");
                i += longest - 1;
            } else {
                boolean first = out.isEmpty() || out.charAt(out.length() - 1) == ':';
                out.append(first ? "" : ":").append(Integer.toHexString(group(i)));
            }
        }
        return out.toString();
    }

    private int group(int index) {
        return (network[2 * index] & 0xff) << 8 | (network[2 * index + 1] & 0xff);
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

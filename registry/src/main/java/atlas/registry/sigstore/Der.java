package atlas.registry.sigstore;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One element of DER: definite lengths in their shortest form, nothing behind the end. Reads what
 * the JDK has no reader for.
 *
 * @param start where the element begins in {@code all}
 * @param content where its content begins
 * @param end where it ends
 */
record Der(byte[] all, int start, int content, int end) {
    static final int SEQUENCE = 0x30;
    static final int SET = 0x31;
    static final int OCTETS = 0x04;
    static final int OID = 0x06;
    static final int INTEGER = 0x02;
    static final int UTF8 = 0x0c;
    static final int GENERALIZED_TIME = 0x18;
    static final int CONTEXT = 0xa0;
    static final int EXTENSIONS = CONTEXT + 3;

    /** The one element these bytes hold. */
    static Der parse(byte[] bytes) throws Unproven {
        Der whole = at(bytes, 0, bytes.length);
        if (whole.end != bytes.length) {
            throw new Unproven("there are bytes behind a DER element");
        }
        return whole;
    }

    private static Der at(byte[] all, int start, int limit) throws Unproven {
        int at = start + 2;
        if (at > limit || (all[start] & 0x1f) == 0x1f) {
            throw new Unproven("a DER element is cut short, or has a long tag");
        }
        int length = all[start + 1] & 0xff;
        if (length >= 0x80) {
            int bytes = length & 0x7f;
            if (bytes < 1 || bytes > 3 || at + bytes > limit) {
                throw new Unproven("a DER length is indefinite or too long");
            }
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = length << 8 | (all[at++] & 0xff);
            }
            if (length < 0x80 || length >>> (8 * (bytes - 1)) == 0) {
                throw new Unproven("a DER length is not in its shortest form");
            }
        }
        if (length > limit - at) {
            throw new Unproven("a DER element is longer than what holds it");
        }
        return new Der(all, start, at, at + length);
    }

    int tag() {
        return all[start] & 0xff;
    }

    Der require(int tag) throws Unproven {
        if (tag() != tag) {
            throw new Unproven("a DER element is of another kind than expected");
        }
        return this;
    }

    List<Der> children() throws Unproven {
        List<Der> children = new ArrayList<>();
        for (int at = content; at < end; at = children.getLast().end) {
            children.add(at(all, at, end));
        }
        return children;
    }

    /** The child at an index, which must be there. */
    Der child(int index) throws Unproven {
        List<Der> children = children();
        if (index >= children.size()) {
            throw new Unproven("a DER element lacks a part");
        }
        return children.get(index);
    }

    byte[] value() {
        return Arrays.copyOfRange(all, content, end);
    }

    /** Tag, length and content. */
    byte[] encoded() {
        return Arrays.copyOfRange(all, start, end);
    }

    BigInteger integer() throws Unproven {
        if (require(INTEGER).content == end) {
            throw new Unproven("a DER integer is empty");
        }
        return new BigInteger(value());
    }

    /** An object identifier in dots. */
    String oid() throws Unproven {
        require(OID);
        StringBuilder text = new StringBuilder();
        long number = 0;
        for (int i = content; i < end; i++) {
            if (number > 1L << 48) {
                throw new Unproven("a DER object identifier is too large");
            }
            number = number << 7 | (all[i] & 0x7f);
            if ((all[i] & 0x80) == 0) {
                if (text.isEmpty()) {
                    long first = Math.min(2, number / 40);
                    text.append(first).append('.').append(number - first * 40);
                } else {
                    text.append('.').append(number);
                }
                number = 0;
            }
        }
        return text.toString();
    }

    /** An element made anew: the shortest length in front of a content. */
    static byte[] encode(int tag, byte[] content) {
        int n = content.length;
        byte[] head =
                n < 0x80
                        ? new byte[] {(byte) tag, (byte) n}
                        : n < 0x100
                                ? new byte[] {(byte) tag, (byte) 0x81, (byte) n}
                                : n < 0x10000
                                        ? new byte[] {
                                            (byte) tag, (byte) 0x82, (byte) (n >> 8), (byte) n
                                        }
                                        : new byte[] {
                                            (byte) tag,
                                            (byte) 0x83,
                                            (byte) (n >> 16),
                                            (byte) (n >> 8),
                                            (byte) n
                                        };
        byte[] all = Arrays.copyOf(head, head.length + n);
        System.arraycopy(content, 0, all, head.length, n);
        return all;
    }
}

package atlas.identity;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The text of an API key: {@code atlas_<id>_<secret><checksum>}.
 *
 * <p>The id is 80 random bits in 16 lower-case base32 characters (RFC 4648 alphabet), the secret
 * 256 bits in 52, the checksum a CRC-32 of all before it in 7. A scanner finds keys by {@value
 * #PATTERN} and a mistyped key is known as such before anything is looked up.
 *
 * @param id public
 * @param secret the 52 characters that prove possession
 */
record KeyText(String id, String secret) {
    static final String PATTERN = "atlas_[a-z2-7]{16}_[a-z2-7]{59}";
    static final String PREFIX = "atlas_";
    static final int ID_LENGTH = 16;
    static final int LENGTH = PREFIX.length() + ID_LENGTH + 1 + 52 + 7;

    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int SECRET_AT = PREFIX.length() + ID_LENGTH + 1;
    private static final int CHECK_AT = LENGTH - 7;

    static KeyText random(SecureRandom random) {
        byte[] id = new byte[10];
        byte[] secret = new byte[32];
        random.nextBytes(id);
        random.nextBytes(secret);
        return new KeyText(base32(id), base32(secret));
    }

    /** Reads a key; empty when it is not one, down to the last character. */
    static Optional<KeyText> parse(String text) {
        if (text.length() != LENGTH
                || !text.startsWith(PREFIX)
                || text.charAt(SECRET_AT - 1) != '_') {
            return Optional.empty();
        }
        for (int i = PREFIX.length(); i < LENGTH; i++) {
            char c = text.charAt(i);
            boolean base32 = (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
            if (!base32 && i != SECRET_AT - 1) {
                return Optional.empty();
            }
        }
        // The checksum guards against slips, not against attackers: comparing it may take any time.
        if (!text.startsWith(checksum(text.substring(0, CHECK_AT)), CHECK_AT)) {
            return Optional.empty();
        }
        String id = text.substring(PREFIX.length(), SECRET_AT - 1);
        return Optional.of(new KeyText(id, text.substring(SECRET_AT, CHECK_AT)));
    }

    /** The whole key, as its holder keeps it. */
    String text() {
        String body = PREFIX + id + "_" + secret;
        return body + checksum(body);
    }

    /** What is hashed: the secret together with the id it belongs to. */
    byte[] proof() {
        return (id + "_" + secret).getBytes(StandardCharsets.US_ASCII);
    }

    static String checksum(String body) {
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.US_ASCII));
        long value = crc.getValue();
        char[] out = new char[7];
        for (int i = out.length - 1; i >= 0; i--) {
            out[i] = ALPHABET.charAt((int) (value & 31));
            value >>>= 5;
        }
        return new String(out);
    }

    static String base32(byte[] bytes) {
        StringBuilder out = new StringBuilder((bytes.length * 8 + 4) / 5);
        int buffer = 0;
        int bits = 0;
        for (byte b : bytes) {
            buffer = (buffer << 8) | (b & 0xff);
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                out.append(ALPHABET.charAt((buffer >>> bits) & 31));
            }
        }
        if (bits > 0) {
            out.append(ALPHABET.charAt((buffer << (5 - bits)) & 31));
        }
        return out.toString();
    }

    @Override
    public String toString() {
        return "KeyText[" + id + "]";
    }
}

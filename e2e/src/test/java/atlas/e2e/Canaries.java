package atlas.e2e;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Secrets that are like nothing else, planted one for each way in, and found again in any bytes: as
 * they are, in hex, in Base64 wherever it begins, percent-encoded, in UTF-16, and within whatever
 * was compressed by deflate.
 */
final class Canaries {
    private static final String LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";
    private static final int LENGTH = 24;
    private static final int MOST_INFLATED = 1 << 20;

    private final long seed;
    private final BitSet beginnings = new BitSet(1 << 24);
    private final Map<Integer, List<Form>> forms = new HashMap<>();

    private record Form(String canary, String encoding, byte[] bytes) {}

    Canaries(long seed) {
        this.seed = seed;
    }

    /** A new one; the name says which way it goes in. */
    String plant(String name) {
        byte[] digest;
        try {
            digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest((seed + name).getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < LENGTH; i++) {
            text.append(LETTERS.charAt(Byte.toUnsignedInt(digest[i]) % LETTERS.length()));
        }
        watchFor(name, text.toString().getBytes(StandardCharsets.UTF_8));
        return text.toString();
    }

    /** One that was not made here: a key that was issued, a piece of a model's weights. */
    void watchFor(String name, byte[] secret) {
        add(name, "as it is", secret);
        add(name, "in hex", ascii(HexFormat.of().formatHex(secret)));
        add(name, "in upper-case hex", ascii(HexFormat.of().withUpperCase().formatHex(secret)));
        StringBuilder percent = new StringBuilder();
        for (byte b : secret) {
            percent.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
        }
        add(name, "percent-encoded", ascii(percent.toString()));
        for (int offset = 0; offset < 3; offset++) {
            for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
                add(name, "in Base64 at " + offset, base64(encoder, offset, secret));
            }
        }
        byte[] little = new byte[2 * secret.length];
        byte[] big = new byte[2 * secret.length];
        for (int i = 0; i < secret.length; i++) {
            little[2 * i] = secret[i];
            big[2 * i + 1] = secret[i];
        }
        add(name, "in UTF-16LE", little);
        add(name, "in UTF-16BE", big);
    }

    // Only the digits that nothing before or after has a part in.
    private static byte[] base64(Base64.Encoder encoder, int offset, byte[] secret) {
        byte[] shifted = new byte[offset + secret.length];
        System.arraycopy(secret, 0, shifted, offset, secret.length);
        String whole = encoder.withoutPadding().encodeToString(shifted);
        return ascii(whole.substring((offset * 8 + 5) / 6, shifted.length * 8 / 6));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void add(String canary, String encoding, byte[] bytes) {
        int begins = beginning(bytes, 0);
        beginnings.set(begins);
        forms.computeIfAbsent(begins, _ -> new ArrayList<>())
                .add(new Form(canary, encoding, bytes));
    }

    private static int beginning(byte[] bytes, int at) {
        return Byte.toUnsignedInt(bytes[at]) << 16
                | Byte.toUnsignedInt(bytes[at + 1]) << 8
                | Byte.toUnsignedInt(bytes[at + 2]);
    }

    /** Which are in there, and how. */
    Set<String> in(byte[] bytes) {
        Set<String> found = new TreeSet<>();
        look(bytes, bytes.length, "", found);
        for (int at = 0; at + 8 < bytes.length; at++) {
            int skip = compressed(bytes, at);
            if (skip > 0) {
                byte[] plain = inflated(bytes, at + skip, skip == 10);
                look(plain, plain.length, ", compressed", found);
            }
        }
        return found;
    }

    Set<String> in(String text) {
        return in(text.getBytes(StandardCharsets.UTF_8));
    }

    private void look(byte[] bytes, int length, String within, Set<String> found) {
        for (int at = 0; at + 2 < length; at++) {
            int begins = beginning(bytes, at);
            if (beginnings.get(begins)) {
                for (Form form : forms.getOrDefault(begins, List.of())) {
                    if (matches(bytes, length, at, form.bytes)) {
                        found.add(form.canary + " " + form.encoding + within);
                    }
                }
            }
        }
    }

    private static boolean matches(byte[] bytes, int length, int at, byte[] form) {
        if (at + form.length > length) {
            return false;
        }
        for (int i = 3; i < form.length; i++) {
            if (bytes[at + i] != form[i]) {
                return false;
            }
        }
        return true;
    }

    /** How long the head of a gzip member or zlib stream is; 0 where none begins. */
    private static int compressed(byte[] bytes, int at) {
        if (bytes[at] == 0x1f && (bytes[at + 1] & 0xff) == 0x8b && bytes[at + 2] == 8) {
            return 10;
        }
        boolean zlib =
                bytes[at] == 0x78
                        && (0x7800 | Byte.toUnsignedInt(bytes[at + 1])) % 31 == 0
                        && (bytes[at + 1] & 0x20) == 0;
        return zlib ? 2 : 0;
    }

    private static byte[] inflated(byte[] bytes, int at, boolean named) {
        int begin = at;
        // FNAME of a gzip member.
        if (named && (bytes[at - 7] & 8) != 0) {
            while (begin < bytes.length && bytes[begin++] != 0) {
                continue;
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(bytes, begin, bytes.length - begin);
            byte[] piece = new byte[8192];
            int count;
            while (out.size() < MOST_INFLATED && (count = inflater.inflate(piece)) > 0) {
                out.write(piece, 0, count);
            }
        } catch (DataFormatException e) {
            // It ended here, or was none: what came before counts.
            return out.toByteArray();
        }
        return out.toByteArray();
    }
}

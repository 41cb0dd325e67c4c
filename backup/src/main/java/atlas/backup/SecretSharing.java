package atlas.backup;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Shamir's secret sharing, byte by byte over GF(256) with the polynomial of AES: of n shares any m
 * give the secret back, and fewer say nothing about it. Share i is the value at i, from 1 on.
 *
 * <p>No table is looked up by a secret, and no branch depends on one.
 */
final class SecretSharing {
    private static final SecureRandom RANDOM = new SecureRandom();

    private SecretSharing() {}

    /** The shares at 1 to {@code n}. */
    static List<byte[]> split(byte[] secret, int m, int n) {
        if (m < 1 || m > n || n > 255) {
            throw new IllegalArgumentException("between 1 and " + n + " of " + n + ", not " + m);
        }
        byte[][] coefficients = new byte[m][secret.length];
        coefficients[0] = secret;
        for (int degree = 1; degree < m; degree++) {
            RANDOM.nextBytes(coefficients[degree]);
        }
        List<byte[]> shares = new ArrayList<>();
        for (int x = 1; x <= n; x++) {
            byte[] share = new byte[secret.length];
            for (int at = 0; at < share.length; at++) {
                int y = 0;
                for (int degree = m - 1; degree >= 0; degree--) {
                    y = multiply(y, x) ^ (coefficients[degree][at] & 0xff);
                }
                share[at] = (byte) y;
            }
            shares.add(share);
        }
        return shares;
    }

    /** The secret of these shares, by where they are the value; wrong when they are too few. */
    static byte[] combine(Map<Integer, byte[]> shares, int bytes) {
        byte[] secret = new byte[bytes];
        for (Map.Entry<Integer, byte[]> share : shares.entrySet()) {
            int weight = 1;
            for (int other : shares.keySet()) {
                if (other != share.getKey()) {
                    // Lagrange at zero; subtracting is adding.
                    weight = multiply(weight, multiply(other, inverse(other ^ share.getKey())));
                }
            }
            for (int at = 0; at < bytes; at++) {
                secret[at] ^= (byte) multiply(weight, share.getValue()[at] & 0xff);
            }
        }
        return secret;
    }

    static int multiply(int a, int b) {
        int product = 0;
        int factor = a;
        for (int bit = 0; bit < 8; bit++) {
            product ^= factor & -((b >>> bit) & 1);
            factor = (factor << 1) ^ (0x11b & -((factor >>> 7) & 1));
        }
        return product & 0xff;
    }

    // The 254th power: 255 of them are one, for all but zero.
    private static int inverse(int a) {
        int power = a;
        for (int bit = 0; bit < 6; bit++) {
            power = multiply(multiply(power, power), a);
        }
        return multiply(power, power);
    }
}

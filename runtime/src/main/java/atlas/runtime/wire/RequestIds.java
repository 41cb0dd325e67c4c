package atlas.runtime.wire;

import io.netty.util.concurrent.FastThreadLocal;
import java.security.SecureRandom;

/** Unguessable request identifiers: {@code req_} and 128 random bits in base32. */
final class RequestIds {
    private static final char[] ALPHABET = "abcdefghijklmnopqrstuvwxyz234567".toCharArray();
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BATCH = 4096;

    private static final FastThreadLocal<RequestIds> LOCAL =
            new FastThreadLocal<>() {
                @Override
                protected RequestIds initialValue() {
                    return new RequestIds();
                }
            };

    private final byte[] pool = new byte[BATCH];
    private int used = BATCH;

    private RequestIds() {}

    static String next() {
        return LOCAL.get().make();
    }

    private String make() {
        if (used + 16 > BATCH) {
            RANDOM.nextBytes(pool);
            used = 0;
        }
        char[] id = new char[30];
        id[0] = 'r';
        id[1] = 'e';
        id[2] = 'q';
        id[3] = '_';
        int bits = 0;
        int held = 0;
        int at = 4;
        for (int i = 0; i < 16; i++) {
            bits = bits << 8 | (pool[used] & 0xff);
            pool[used++] = 0;
            held += 8;
            while (held >= 5) {
                held -= 5;
                id[at++] = ALPHABET[bits >> held & 31];
            }
        }
        id[at] = ALPHABET[bits << (5 - held) & 31];
        return new String(id);
    }
}

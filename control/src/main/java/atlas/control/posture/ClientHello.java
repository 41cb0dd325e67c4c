package atlas.control.posture;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * The first message of a TLS client, made by hand: a stack that refuses old versions itself cannot
 * ask whether others do (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2).
 */
final class ClientHello {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Suites of TLS 1.3, and of the versions before with ECDSA, RSA and plain RSA. */
    private static final int[] SUITES = {
        0x1301, 0x1302, 0x1303, 0xC02B, 0xC02C, 0xC02F, 0xC030, 0xC009, 0xC00A, 0xC013, 0xC014,
        0x009C, 0x002F, 0x0035
    };

    private static final int X25519 = 0x001D;
    private static final int P_256 = 0x0017;

    /** A version, as records and hellos name it. */
    enum Version {
        TLS_1_0(0x0301, "TLS 1.0"),
        TLS_1_1(0x0302, "TLS 1.1"),
        TLS_1_2(0x0303, "TLS 1.2"),
        TLS_1_3(0x0303, "TLS 1.3");

        private final int legacy;
        private final String title;

        Version(int legacy, String title) {
            this.legacy = legacy;
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    private ClientHello() {}

    /** The record with a hello that offers this version and no other. */
    static byte[] of(Version version) {
        ByteArrayOutputStream hello = new ByteArrayOutputStream();
        two(hello, version.legacy);
        hello.writeBytes(random(32));
        vector(hello, 1, random(32));
        ByteArrayOutputStream suites = new ByteArrayOutputStream();
        for (int suite : SUITES) {
            two(suites, suite);
        }
        vector(hello, 2, suites.toByteArray());
        vector(hello, 1, new byte[] {0});
        vector(hello, 2, extensions(version));

        ByteArrayOutputStream handshake = new ByteArrayOutputStream();
        handshake.write(1);
        vector(handshake, 3, hello.toByteArray());
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        record.write(22);
        two(record, version == Version.TLS_1_0 ? 0x0301 : Math.min(version.legacy, 0x0303));
        vector(record, 2, handshake.toByteArray());
        return record.toByteArray();
    }

    private static byte[] extensions(Version version) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        name.write(0);
        vector(name, 2, "localhost".getBytes(StandardCharsets.US_ASCII));
        extension(out, 0, vector(2, name.toByteArray()));
        extension(out, 10, vector(2, words(X25519, P_256)));
        extension(out, 11, vector(1, new byte[] {0}));
        extension(
                out,
                13,
                vector(2, words(0x0403, 0x0503, 0x0804, 0x0805, 0x0401, 0x0501, 0x0203, 0x0201)));
        extension(out, 16, vector(2, vector(1, "http/1.1".getBytes(StandardCharsets.US_ASCII))));
        if (version == Version.TLS_1_3) {
            extension(out, 43, vector(1, words(0x0304)));
            extension(out, 45, vector(1, new byte[] {1}));
            ByteArrayOutputStream share = new ByteArrayOutputStream();
            two(share, X25519);
            vector(share, 2, random(32));
            extension(out, 51, vector(2, share.toByteArray()));
        }
        return out.toByteArray();
    }

    private static void extension(ByteArrayOutputStream out, int type, byte[] content) {
        two(out, type);
        vector(out, 2, content);
    }

    private static byte[] words(int... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int word : words) {
            two(out, word);
        }
        return out.toByteArray();
    }

    private static byte[] vector(int lengthBytes, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        vector(out, lengthBytes, content);
        return out.toByteArray();
    }

    private static void vector(ByteArrayOutputStream out, int lengthBytes, byte[] content) {
        for (int shift = 8 * (lengthBytes - 1); shift >= 0; shift -= 8) {
            out.write(content.length >>> shift);
        }
        out.writeBytes(content);
    }

    private static void two(ByteArrayOutputStream out, int value) {
        out.write(value >>> 8);
        out.write(value);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}

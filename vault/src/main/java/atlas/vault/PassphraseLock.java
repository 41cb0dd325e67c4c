package atlas.vault;

import atlas.core.Sensitive;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.SealFormat;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Seals a key under a passphrase: Argon2id with RFC 9106's second recommended choice (64 MiB, three
 * passes, four lanes), then the sealed format. Two lines of text: how the passphrase is stretched,
 * and the sealed key, which is bound to the first.
 */
final class PassphraseLock {
    private static final int MEMORY_KIB = 64 << 10;
    private static final int PASSES = 3;
    private static final int LANES = 4;
    private static final int SALT_BYTES = 16;
    private static final int MAX_MEMORY_KIB = 1 << 20;
    private static final int MAX_PASSES = 64;
    private static final int MAX_LANES = 64;

    private PassphraseLock() {}

    /** How a passphrase is stretched. */
    private record Stretch(int memoryKib, int passes, int lanes, byte[] salt) {
        String line() {
            return "argon2id "
                    + memoryKib
                    + " "
                    + passes
                    + " "
                    + lanes
                    + " "
                    + Base64.getEncoder().encodeToString(salt);
        }

        // Bounds on both sides: a file must not make the reader weak, nor out of memory.
        static Optional<Stretch> parse(String line) {
            String[] fields = line.split(" ", -1);
            if (fields.length != 5 || !fields[0].equals("argon2id")) {
                return Optional.empty();
            }
            try {
                Stretch read =
                        new Stretch(
                                Integer.parseInt(fields[1]),
                                Integer.parseInt(fields[2]),
                                Integer.parseInt(fields[3]),
                                Base64.getDecoder().decode(fields[4]));
                boolean fit =
                        read.memoryKib >= MEMORY_KIB
                                && read.memoryKib <= MAX_MEMORY_KIB
                                && read.passes >= PASSES
                                && read.passes <= MAX_PASSES
                                && read.lanes >= 1
                                && read.lanes <= MAX_LANES
                                && read.salt.length == SALT_BYTES
                                && read.line().equals(line);
                return fit ? Optional.of(read) : Optional.empty();
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        SecretKeySpec key(Sensitive<byte[]> passphrase) {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(
                    new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                            .withMemoryAsKB(memoryKib)
                            .withIterations(passes)
                            .withParallelism(lanes)
                            .withSalt(salt)
                            .build());
            byte[] key = new byte[SealFormat.KEY_BYTES];
            try {
                generator.generateBytes(passphrase.reveal(), key);
                return new SecretKeySpec(key, "HmacSHA256");
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        }
    }

    /** The two lines for a key. */
    static String lock(byte[] key, Sensitive<byte[]> passphrase) {
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        Stretch stretch = new Stretch(MEMORY_KIB, PASSES, LANES, salt);
        byte[] sealed = SealFormat.seal(stretch.key(passphrase), 1, key, place(stretch.line()));
        return stretch.line() + "\n" + Base64.getEncoder().encodeToString(sealed) + "\n";
    }

    /**
     * The key in two lines; empty when they are not in the format.
     *
     * @throws SealBrokenException when the passphrase is another, or the lines were altered
     */
    static Optional<byte[]> open(String how, String sealed, Sensitive<byte[]> passphrase) {
        Optional<Stretch> stretch = Stretch.parse(how);
        if (stretch.isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(sealed);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        return Optional.of(SealFormat.open(stretch.get().key(passphrase), bytes, place(how)));
    }

    private static byte[] place(String line) {
        return ("atlas file kek 2\n" + line).getBytes(StandardCharsets.US_ASCII);
    }
}

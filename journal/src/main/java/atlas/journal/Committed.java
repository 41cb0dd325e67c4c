package atlas.journal;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.tlog.MalformedException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * What a committed entry holds, sealed: a salt, the statement its receipt repeats, the fact itself.
 *
 * <pre>
 * 32 salt | u32 length | statement | JSON of the fact
 * commitment = SHA-256("atlas-receipt-statement/v1\n" | salt | statement)
 * </pre>
 *
 * <p>The commitment stands in the entry, in the open. Who is shown salt and statement can check
 * that the entry was about this and nothing else; who is not learns nothing, for the salt is as
 * long as a key and goes with it.
 */
record Committed(byte[] salt, byte[] statement, byte[] json) {
    static final int SALT_BYTES = 32;

    private static final byte[] LABEL =
            "atlas-receipt-statement/v1\n".getBytes(StandardCharsets.UTF_8);

    byte[] commitment() {
        return commitment(salt, statement);
    }

    static byte[] commitment(byte[] salt, byte[] statement) {
        MessageDigest sha256 = Hashes.sha256();
        sha256.update(LABEL);
        sha256.update(salt);
        return sha256.digest(statement);
    }

    byte[] encode() {
        return ByteBuffer.allocate(SALT_BYTES + 4 + statement.length + json.length)
                .put(salt)
                .putInt(statement.length)
                .put(statement)
                .put(json)
                .array();
    }

    /** Takes apart what was sealed, and holds it against the entry's own commitment. */
    static Committed decode(byte[] plain, byte[] commitment) throws MalformedException {
        ByteBuffer in = ByteBuffer.wrap(plain);
        try {
            byte[] salt = new byte[SALT_BYTES];
            in.get(salt);
            int length = in.getInt();
            if (length < 0 || length > in.remaining()) {
                throw new BufferUnderflowException();
            }
            byte[] statement = new byte[length];
            in.get(statement);
            byte[] json = new byte[in.remaining()];
            in.get(json);
            Committed committed = new Committed(salt, statement, json);
            if (!Digest.of(committed.commitment()).equals(Digest.of(commitment))) {
                throw new MalformedException("the entry does not hold what it is committed to");
            }
            return committed;
        } catch (BufferUnderflowException e) {
            throw new MalformedException("the sealed statement ends too early");
        }
    }
}

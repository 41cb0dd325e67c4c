package atlas.control.enrol;

import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;

/**
 * A join token as it is kept: everything but the secret.
 *
 * @param hash SHA-256 of the secret, which is 32 random bytes
 */
@SuppressWarnings("ArrayRecordComponent")
public record Invitation(
        String id,
        Workload.Role role,
        String name,
        List<String> serverNames,
        byte[] hash,
        Instant expires) {
    public Invitation {
        serverNames = List.copyOf(serverNames);
        hash = hash.clone();
        Workload.requireName(name);
    }

    @Override
    public byte[] hash() {
        return hash.clone();
    }

    boolean hashes(byte[] candidate) {
        return MessageDigest.isEqual(hash, candidate);
    }
}

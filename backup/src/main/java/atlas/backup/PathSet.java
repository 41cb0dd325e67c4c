package atlas.backup;

import atlas.core.crypto.Hashes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * Which paths were there, in some 50 bytes each: as many as one backup may have. Two that are taken
 * for one are refused, which nobody gains by.
 */
final class PathSet {
    /** Enough for a log of 200 million entries. */
    static final int MOST = 2_000_000;

    private final Set<Long> seen = new HashSet<>();

    /** False when it was there, or there are too many. */
    boolean add(String path) {
        byte[] hash = Hashes.sha256().digest(path.getBytes(StandardCharsets.UTF_8));
        return seen.size() < MOST && seen.add(ByteBuffer.wrap(hash).getLong());
    }
}

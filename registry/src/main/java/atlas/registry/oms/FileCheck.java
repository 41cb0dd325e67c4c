package atlas.registry.oms;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.registry.oms.OmsStatement.Range;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/** Compares the bytes of one file, as they pass, with what was signed. For one thread. */
public final class FileCheck {
    private final List<Range> ranges;
    private final MessageDigest digest = Hashes.sha256();
    private int current;
    private long position;
    private Optional<String> problem = Optional.empty();

    FileCheck(List<Range> ranges) {
        this.ranges = ranges;
    }

    /** Takes the next bytes of the file. */
    public void update(ByteBuffer bytes) {
        while (bytes.hasRemaining() && problem.isEmpty()) {
            if (current == ranges.size()) {
                problem = Optional.of("longer than signed");
                return;
            }
            Range range = ranges.get(current);
            long left = range.whole() ? Long.MAX_VALUE : range.end() - position;
            int take = (int) Math.min(left, bytes.remaining());
            int limit = bytes.limit();
            digest.update(bytes.limit(bytes.position() + take));
            bytes.limit(limit);
            position += take;
            if (!range.whole() && position == range.end()) {
                endRange(range);
            }
        }
    }

    private void endRange(Range range) {
        if (!Digest.of(digest.digest()).equals(range.digest())) {
            problem =
                    Optional.of(
                            range.whole()
                                    ? "its SHA-256 is not the signed one"
                                    : "the SHA-256 of bytes "
                                            + range.start()
                                            + " to "
                                            + range.end()
                                            + " is not the signed one");
        }
        current++;
    }

    /** Ends the file; empty when every byte was as signed. */
    public Optional<String> finish() {
        if (problem.isEmpty() && current < ranges.size()) {
            Range range = ranges.get(current);
            if (range.whole()) {
                endRange(range);
            } else {
                problem = Optional.of("shorter than signed");
            }
        }
        return problem;
    }
}

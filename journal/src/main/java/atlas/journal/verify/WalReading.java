package atlas.journal.verify;

import atlas.tlog.CheckpointText;
import java.io.IOException;
import java.util.List;

/**
 * Reads the write-ahead log until one reading holds, or the same thing is wrong in several in a
 * row: a batch may be seen half while it is being written, but not twice the same one.
 */
final class WalReading {
    private static final int READINGS = 64;
    private static final int SAME = 4;

    private final List<Snapshot.Segment> segments;
    private final CheckpointText checkpoint;
    private final StoredTiles stored;
    private final EmitterChains emitters;

    WalReading(
            List<Snapshot.Segment> segments,
            CheckpointText checkpoint,
            StoredTiles stored,
            EmitterChains emitters) {
        this.segments = segments;
        this.checkpoint = checkpoint;
        this.stored = stored;
        this.emitters = emitters;
    }

    WalCheck.Tail run() throws IOException, BrokenException {
        String finding = "";
        int same = 0;
        for (int reading = 0; reading < READINGS; reading++) {
            try {
                return new WalCheck(checkpoint, stored, emitters.copy()).run(segments);
            } catch (BrokenException e) {
                String found = e.index() + e.what() + e.where();
                same = found.equals(finding) ? same + 1 : 1;
                finding = found;
                if (same == SAME) {
                    throw e;
                }
            }
        }
        throw new IOException(
                "the write-ahead log changed in every reading; check a copy of the journal");
    }
}

package atlas.journal;

import atlas.core.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Receipts held against the tiles of a log that was verified. */
final class Promised {
    private Promised() {}

    /** Fails unless every receipt is of an entry that is there. */
    static void expect(Path log, long size, Map<Long, Digest> receipts, String what)
            throws IOException {
        byte[] tile = new byte[0];
        long tileNumber = -1;
        for (Map.Entry<Long, Digest> receipt : receipts.entrySet()) {
            long index = receipt.getKey();
            if (index >= size) {
                throw new AssertionError(
                        what + ": entry " + index + " was acknowledged, there are " + size);
            }
            if (index / 256 != tileNumber) {
                tileNumber = index / 256;
                long width = Math.min(256, size - tileNumber * 256);
                String partial = width == 256 ? "" : ".p/" + width;
                String name = String.format("tile/0/%03d%s", tileNumber, partial);
                tile = Files.readAllBytes(log.resolve(name));
            }
            int at = (int) (index % 256) * 32;
            if (!Digest.of(Arrays.copyOfRange(tile, at, at + 32)).equals(receipt.getValue())) {
                throw new AssertionError(what + ": entry " + index + " is another one");
            }
        }
    }
}

package atlas.control.upload;

import atlas.core.crypto.Sealer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One file of an upload: sealed chunks in order. Written under its upload's monitor. */
public final class StagedFile {
    private final Sealer sealer;
    private final String place;
    private final List<Chunk> chunks = new ArrayList<>();
    private long length;

    record Chunk(long offset, int length, Path part) {}

    StagedFile(Sealer sealer, String place) {
        this.sealer = sealer;
        this.place = place;
    }

    byte[] seal(long offset, byte[] bytes) {
        return sealer.seal(bytes, associated(offset));
    }

    void added(Path part, int bytes) {
        if (bytes > 0) {
            chunks.add(new Chunk(length, bytes, part));
            length += bytes;
        }
    }

    List<Chunk> chunks() {
        return chunks;
    }

    public long length() {
        return length;
    }

    /** The plaintext of the chunk, in memory. */
    byte[] open(Chunk chunk) throws IOException {
        return sealer.open(Files.readAllBytes(chunk.part()), associated(chunk.offset()));
    }

    private byte[] associated(long offset) {
        return ("atlas upload\n" + place + "\n" + offset).getBytes(StandardCharsets.UTF_8);
    }
}

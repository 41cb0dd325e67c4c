package atlas.journal.witness;

import java.io.IOException;

/** The way to one witness; a process carries the bytes. Blocks, for a bounded time. */
public interface WitnessDoor {

    /**
     * Posts a body to {@code add-checkpoint}.
     *
     * @throws IOException when no answer came in time
     */
    Reply add(byte[] body) throws IOException;

    /**
     * Gets the latest checkpoint it cosigned of the log whose origin has this SHA-256, in hex.
     *
     * @throws IOException when no answer came in time
     */
    Reply latest(String originHash) throws IOException;

    /** An answer, whatever it says. */
    record Reply(int status, String mediaType, byte[] body) {}
}

package atlas.identity;

import java.io.IOException;
import java.net.URI;

/**
 * Fetches issuer documents: key sets and discovery. Blocks for a bounded time, returns a bounded
 * number of bytes, and follows no redirect.
 */
public interface JwksSource {

    /**
     * The bytes at a place.
     *
     * @throws IOException when they cannot be had in time or are too many, or may not be read there
     */
    byte[] fetch(URI place) throws IOException;
}

package atlas.identity;

import java.io.IOException;
import java.net.URI;
import java.util.Map;

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

    /**
     * Speaks with issuers: fetches their documents and calls their endpoints. Blocks for a bounded
     * time, takes a bounded number of bytes, and follows no redirect.
     */
    interface Channel extends JwksSource {

        /** What an endpoint answered, whatever the status. */
        record Answer(int status, byte[] body) {}

        /**
         * Sends a form, or with an empty one asks by {@code GET}.
         *
         * @param form {@code application/x-www-form-urlencoded}
         * @throws IOException when there is no answer in time, or it is too long
         */
        Answer call(URI place, Map<String, String> headers, String form) throws IOException;
    }
}

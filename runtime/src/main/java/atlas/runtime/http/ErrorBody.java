package atlas.runtime.http;

import atlas.runtime.Problem;

/** Renders the body of an answer the edge gives by itself, in the dialect of the API served. */
public interface ErrorBody {
    /**
     * The body.
     *
     * @param path the canonical path, empty when the request was refused before it was known
     */
    byte[] json(Problem problem, String path, String requestId);

    String mediaType();

    /** Problem details as RFC 9457 has them. */
    static ErrorBody problems() {
        return new ErrorBody() {
            @Override
            public byte[] json(Problem problem, String path, String requestId) {
                return problem.json(requestId);
            }

            @Override
            public String mediaType() {
                return Problem.MEDIA_TYPE;
            }
        };
    }
}

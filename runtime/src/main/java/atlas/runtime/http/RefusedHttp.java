package atlas.runtime.http;

/**
 * A request that never became an exchange, because it was malformed, too large or too slow. Not
 * those turned away because this server was busy.
 *
 * @param path canonical; empty when the request was refused before it was known
 * @param reason stable, lower case with underscores: {@code malformed_request}
 * @param detail what was wrong with it, in words; nothing of what was sent
 */
public record RefusedHttp(
        String requestId, String source, String path, String reason, String detail) {}

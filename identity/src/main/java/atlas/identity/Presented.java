package atlas.identity;

import atlas.core.Sensitive;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Function;

/**
 * Everything a request presented about its caller, as it came: every value of every header that can
 * carry a credential or a proof, so that nobody reads the first of two. What counts as one
 * credential is decided in one place, {@link Authenticator}, for every door.
 *
 * @param authorization each Authorization header
 * @param apiKey each {@code x-api-key} header
 * @param proofs each {@code DPoP} header (RFC 9449)
 * @param peer the client certificate chain that TLS verified, leaf first; empty when there is none
 * @param request what a proof of possession and a key's source networks are compared with
 */
public record Presented(
        List<Sensitive<String>> authorization,
        List<Sensitive<String>> apiKey,
        List<String> proofs,
        List<X509Certificate> peer,
        Request request) {
    public Presented {
        authorization = List.copyOf(authorization);
        apiKey = List.copyOf(apiKey);
        proofs = List.copyOf(proofs);
        peer = List.copyOf(peer);
    }

    /**
     * The request as its client saw it; always {@code https}.
     *
     * @param door who is asked: the audience a token must have, such as {@link #GATEWAY}
     * @param authority host and port as named by the client
     * @param path canonical, percent-decoded, without the query
     * @param source the literal of the address the connection came from
     */
    public record Request(
            String door, String method, String authority, String path, String source) {
        /** The data plane. */
        public static final String GATEWAY = "urn:atlas:gateway";

        /** The control plane. */
        public static final String CONTROL = "urn:atlas:control";
    }

    /** Reads the headers that carry credentials; {@code headers} gives all values of a name. */
    public static Presented read(
            Function<String, List<String>> headers, List<X509Certificate> peer, Request request) {
        return new Presented(
                secret(headers.apply("authorization")),
                secret(headers.apply("x-api-key")),
                headers.apply("dpop"),
                peer,
                request);
    }

    /** A bearer credential and nothing else, presented to the gateway from this machine. */
    public static Presented bearer(Sensitive<String> credential) {
        return new Presented(
                List.of(Sensitive.of("Bearer " + credential.reveal())),
                List.of(),
                List.of(),
                List.of(),
                new Request(Request.GATEWAY, "GET", "localhost", "/", "127.0.0.1"));
    }

    private static List<Sensitive<String>> secret(List<String> values) {
        return switch (values.size()) {
            case 0 -> List.of();
            case 1 -> List.of(Sensitive.of(values.getFirst()));
            default -> values.stream().map(Sensitive::of).toList();
        };
    }
}

package atlas.core;

import java.util.regex.Pattern;

/**
 * A workload identity, {@code spiffe://trust-domain/path}.
 *
 * <p>Only the canonical form is accepted (SPIFFE-ID §2): lower-case trust domain, no empty or dot
 * segments, no query, fragment, port, user or percent-encoding.
 */
public record WorkloadId(String trustDomain, String path) {
    private static final Pattern TRUST_DOMAIN = Pattern.compile("[a-z0-9._-]{1,255}");
    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._-]+");

    public WorkloadId {
        if (!TRUST_DOMAIN.matcher(trustDomain).matches()) {
            throw new IllegalArgumentException("not a SPIFFE trust domain: `" + trustDomain + "`");
        }
        if (!path.startsWith("/") || path.length() > 1024) {
            throw new IllegalArgumentException("not a SPIFFE path: `" + path + "`");
        }
        for (String segment : path.substring(1).split("/", -1)) {
            if (!SEGMENT.matcher(segment).matches()
                    || segment.equals(".")
                    || segment.equals("..")) {
                throw new IllegalArgumentException("not a SPIFFE path: `" + path + "`");
            }
        }
    }

    /**
     * Reads a SPIFFE ID.
     *
     * @throws IllegalArgumentException when it is not one in canonical form
     */
    public static WorkloadId parse(String uri) {
        String scheme = "spiffe://";
        int slash = uri.indexOf('/', scheme.length());
        if (!uri.startsWith(scheme) || slash < 0) {
            throw new IllegalArgumentException("not a SPIFFE ID: `" + uri + "`");
        }
        return new WorkloadId(uri.substring(scheme.length(), slash), uri.substring(slash));
    }

    /** The URI form. */
    public String uri() {
        return "spiffe://" + trustDomain + path;
    }

    @Override
    public String toString() {
        return uri();
    }
}

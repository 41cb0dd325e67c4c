package atlas.runtime.wire;

import io.netty.handler.codec.http2.Http2Headers;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request head out of an HTTP/2 field section (RFC 9113 §8.2, §8.3). Protocol errors are told
 * from refusals: the former reset the stream, the latter are answered.
 */
final class Http2Request {
    /** The section is malformed: the stream must be reset with PROTOCOL_ERROR (§8.1.1). */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String what) {
            super(what, null, false, false);
        }
    }

    private static final int MAX_FIELDS = 128;

    private final Fields fields = new Fields();
    private @Nullable String method;
    private @Nullable String scheme;
    private @Nullable String target;
    private @Nullable String authority;

    private Http2Request() {}

    /** Reads and judges; {@code length} of a promised body is left in the fields. */
    static RequestHead read(Http2Headers headers) throws Malformed, BadMessage {
        Http2Request request = new Http2Request();
        for (Map.Entry<CharSequence, CharSequence> entry : headers) {
            request.take(entry.getKey().toString(), entry.getValue().toString());
        }
        return request.head();
    }

    private void take(String name, String value) throws Malformed, BadMessage {
        if (!Grammar.fieldValue(value) || !Grammar.trimmed(value)) {
            throw new Malformed("a field value holds a forbidden character");
        }
        if (name.startsWith(":")) {
            pseudo(name, value);
            return;
        }
        if (!Grammar.token(name) || upperCase(name)) {
            throw new Malformed("a field name is not a lower-case token");
        }
        switch (name) {
            case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade" ->
                    throw new Malformed("a connection field has no place in HTTP/2");
            case "te" -> {
                if (!value.equals("trailers")) {
                    throw new Malformed("te may only be trailers");
                }
            }
            case "cookie" -> cookie(value);
            default -> fields.add(name, value);
        }
        if (fields.count() > MAX_FIELDS) {
            throw BadMessage.headerTooLarge("there are more than " + MAX_FIELDS + " fields");
        }
    }

    /** RFC 9113 §8.2.3: cookie crumbs are put together again. */
    private void cookie(String value) {
        String before = fields.remove("cookie");
        fields.add("cookie", before == null ? value : before + "; " + value);
    }

    private void pseudo(String name, String value) throws Malformed {
        if (fields.count() > 0) {
            throw new Malformed("a pseudo field comes after a regular one");
        }
        switch (name) {
            case ":method" -> method = once(method, value);
            case ":scheme" -> scheme = once(scheme, value);
            case ":path" -> target = once(target, value);
            case ":authority" -> authority = once(authority, value);
            default -> throw new Malformed("a pseudo field is not known");
        }
    }

    private static String once(@Nullable String before, String value) throws Malformed {
        if (before != null) {
            throw new Malformed("a pseudo field is repeated");
        }
        return value;
    }

    private RequestHead head() throws Malformed, BadMessage {
        if (method == null || scheme == null || target == null || target.isEmpty()) {
            throw new Malformed("a pseudo field is missing");
        }
        if (!scheme.equals("https")) {
            throw BadMessage.malformed("the scheme is not https");
        }
        if (fields.occurrences("content-length") > 1) {
            throw new Malformed("the content length is repeated");
        }
        return RequestRules.head(method, target, authority, fields);
    }

    private static boolean upperCase(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) >= 'A' && name.charAt(i) <= 'Z') {
                return true;
            }
        }
        return false;
    }
}

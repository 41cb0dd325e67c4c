package atlas.runtime.wire;

import org.jspecify.annotations.Nullable;

/** What both protocol versions ask of a request before anybody else sees it. */
final class RequestRules {
    private static final String[] ONCE = {
        "authorization", "content-type", "content-length", "x-api-key", "x-request-id", "dpop"
    };
    private static final String[] HOP_BY_HOP = {
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
        "http2-settings"
    };

    private RequestRules() {}

    /**
     * The head of a request.
     *
     * @param target origin form, with the query
     * @param authority of the request line or the pseudo field, when there was one
     */
    static RequestHead head(String method, String target, @Nullable String authority, Fields fields)
            throws BadMessage {
        if (method.length() > 32 || !Grammar.token(method)) {
            throw BadMessage.malformed("the method is not a token");
        }
        checkHost(authority, fields);
        for (String name : ONCE) {
            if (fields.occurrences(name) > 1) {
                throw BadMessage.malformed("`" + name + "` must not be repeated");
            }
        }
        int mark = target.indexOf('?');
        String query = mark < 0 ? "" : target.substring(mark + 1);
        if (!Grammar.query(query)) {
            throw BadMessage.malformed("the query holds a character that must be encoded");
        }
        String path = CanonicalPath.of(mark < 0 ? target : target.substring(0, mark));
        return new RequestHead(method, path, query, endToEnd(fields));
    }

    private static void checkHost(@Nullable String authority, Fields fields) throws BadMessage {
        int hosts = fields.occurrences("host");
        if (hosts > 1 || (hosts == 0 && authority == null)) {
            throw BadMessage.malformed("exactly one host is needed");
        }
        String host = fields.first("host");
        if (host == null && authority != null) {
            host = authority;
            fields.add("host", authority);
        }
        if (host == null || !Grammar.host(host)) {
            throw BadMessage.malformed("the host is not a host name or address");
        }
        if (authority != null && !authority.equalsIgnoreCase(host)) {
            throw BadMessage.malformed("two different hosts are named");
        }
    }

    private static String[] endToEnd(Fields fields) {
        String connection = fields.first("connection");
        Fields kept = new Fields();
        for (int i = 0; i < fields.count(); i++) {
            String name = fields.name(i);
            if (!hopByHop(name) && (connection == null || !lists(connection, name))) {
                kept.add(name, fields.value(i));
            }
        }
        return kept.toArray();
    }

    static boolean hopByHop(String name) {
        for (String known : HOP_BY_HOP) {
            if (known.equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a comma-separated list of tokens holds one, ignoring case. */
    static boolean lists(String list, String token) {
        int start = 0;
        while (start <= list.length()) {
            int comma = list.indexOf(',', start);
            int stop = comma < 0 ? list.length() : comma;
            String item = list.substring(start, stop).strip();
            if (item.equalsIgnoreCase(token)) {
                return true;
            }
            start = stop + 1;
        }
        return false;
    }
}

package atlas.runtime.wire;

import org.jspecify.annotations.Nullable;

/** What both protocol versions ask of a request before anybody else sees it. */
final class RequestRules {
    private static final String[] ONCE = {
        "authorization",
        "proxy-authorization",
        "cookie",
        "content-type",
        "content-encoding",
        "content-length",
        "x-api-key",
        "x-request-id",
        "dpop"
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
        Authority server = server(authority, fields);
        for (String name : ONCE) {
            if (fields.occurrences(name) > 1) {
                throw BadMessage.malformed("`" + name + "` must not be repeated");
            }
        }
        checkConnection(fields);
        int mark = target.indexOf('?');
        String query = mark < 0 ? "" : target.substring(mark + 1);
        if (!Grammar.query(query)) {
            throw BadMessage.malformed("the query holds a character that must be encoded");
        }
        String path = CanonicalPath.of(mark < 0 ? target : target.substring(0, mark));
        return new RequestHead(method, server, path, query, endToEnd(fields));
    }

    private static Authority server(@Nullable String authority, Fields fields) throws BadMessage {
        int hosts = fields.occurrences("host");
        if (hosts > 1 || (hosts == 0 && authority == null)) {
            throw BadMessage.malformed("exactly one host is needed");
        }
        String host = fields.first("host");
        if (host == null && authority != null) {
            host = authority;
            fields.add("host", authority);
        }
        Authority server = Authority.parse(host == null ? "" : host);
        if (authority != null && !Authority.parse(authority).equals(server)) {
            throw BadMessage.malformed("two different hosts are named");
        }
        return server;
    }

    /**
     * RFC 9110 §7.6.1: a field meant for the server must not be named as one for the next hop, or
     * readers before and behind an intermediary would see two different requests.
     */
    private static void checkConnection(Fields fields) throws BadMessage {
        for (int i = 0; i < fields.count(); i++) {
            if (fields.name(i).equals("connection")) {
                String options = fields.value(i);
                for (String name : ONCE) {
                    if (lists(options, name)) {
                        throw endToEndField(name);
                    }
                }
                if (lists(options, "host")) {
                    throw endToEndField("host");
                }
            }
        }
    }

    private static BadMessage endToEndField(String name) {
        return BadMessage.malformed("`connection` must not name `" + name + "`");
    }

    private static String[] endToEnd(Fields fields) {
        Fields kept = new Fields();
        for (int i = 0; i < fields.count(); i++) {
            String name = fields.name(i);
            if (!hopByHop(name) && !listed(fields, "connection", name)) {
                kept.add(name, fields.value(i));
            }
        }
        return kept.toArray();
    }

    /** Whether any of a list field's lines holds a token (RFC 9110 §5.3: they are one list). */
    static boolean listed(Fields fields, String field, String token) {
        for (int i = 0; i < fields.count(); i++) {
            if (fields.name(i).equals(field) && lists(fields.value(i), token)) {
                return true;
            }
        }
        return false;
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

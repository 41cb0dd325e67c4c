package atlas.gateway;

import atlas.runtime.http.Exchange;
import java.util.Locale;

/** What a request must be before its body is read. */
final class Bodies {
    private Bodies() {}

    static void requirePost(Exchange exchange) throws Refused {
        requireMethod(exchange, "POST");
    }

    static void requireMethod(Exchange exchange, String method) throws Refused {
        if (!exchange.method().equals(method)) {
            throw new Refused(
                    Refusal.METHOD_NOT_ALLOWED,
                    "this path takes `" + method + "` only",
                    "method",
                    null);
        }
    }

    /**
     * JSON, uncompressed. A form or plain text is what a browser sends for a foreign page, and with
     * a client certificate it would even be authenticated.
     */
    static void requireJson(Exchange exchange) throws Refused {
        String type = exchange.headers().first("content-type").orElse("");
        int end = type.indexOf(';');
        String media = (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        if (!media.equals("application/json")) {
            throw invalid("send the body with `content-type: application/json`");
        }
        String encoding = exchange.headers().first("content-encoding").orElse("identity");
        if (!encoding.equalsIgnoreCase("identity")) {
            throw invalid("send the body uncompressed, without `content-encoding`");
        }
    }

    private static Refused invalid(String message) {
        return new Refused(Refusal.INVALID_REQUEST, message, message, null);
    }
}

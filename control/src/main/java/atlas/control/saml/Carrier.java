package atlas.control.saml;

import atlas.identity.saml.SamlServiceProvider.Message;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Has a browser carry a message to a provider: by a redirect, or by a form that a person sends on.
 * The form needs no script, so the page may run none.
 */
final class Carrier {
    private static final String POLICY =
            "default-src 'none'; form-action https:; base-uri 'none'; frame-ancestors 'none'";

    private Carrier() {}

    /** To a place, with nothing for the next page to learn about this one. */
    static Headers redirect(String place) {
        return Headers.of(
                "location", place,
                "cache-control", "no-store",
                "referrer-policy", "no-referrer",
                "content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    }

    static void send(Exchange exchange, Message message) {
        if (message.form().isEmpty()) {
            exchange.respond(303, redirect(message.place().toString()), new byte[0]);
            return;
        }
        StringBuilder page = new StringBuilder();
        page.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<title>Signing out</title></head><body><form method=\"post\" action=\"")
                .append(escaped(message.place().toString()))
                .append("\">");
        for (Map.Entry<String, String> field : message.form().entrySet()) {
            page.append("<input type=\"hidden\" name=\"")
                    .append(escaped(field.getKey()))
                    .append("\" value=\"")
                    .append(escaped(field.getValue()))
                    .append("\">");
        }
        page.append("<p>You are signed out here. Go on to sign out at your provider.</p>")
                .append("<button autofocus>Go on</button></form></body></html>");
        exchange.respond(
                200,
                Headers.of(
                        "content-type", "text/html; charset=utf-8",
                        "content-security-policy", POLICY,
                        "x-content-type-options", "nosniff",
                        "referrer-policy", "no-referrer",
                        "cache-control", "no-store"),
                page.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String escaped(String value) {
        return value.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}

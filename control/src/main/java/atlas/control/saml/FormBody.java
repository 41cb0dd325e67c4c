package atlas.control.saml;

import atlas.control.login.Door.Shut;
import atlas.runtime.http.Exchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The fields of a posted form, each of those expected at most once and none besides. */
final class FormBody {
    private static final String TYPE = "application/x-www-form-urlencoded";

    private FormBody() {}

    static Map<String, String> read(Exchange exchange, Set<String> expected, int maxBytes)
            throws Shut {
        List<String> types = exchange.headers().all("content-type");
        if (types.size() != 1
                || !types.getFirst().split(";", 2)[0].strip().equalsIgnoreCase(TYPE)
                || exchange.body().length > maxBytes
                || !exchange.query().isEmpty()) {
            throw malformed();
        }
        Map<String, String> fields = new HashMap<>();
        String text = new String(exchange.body(), StandardCharsets.UTF_8);
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw malformed();
            }
            String name = pair.substring(0, equals);
            if (!expected.contains(name)
                    || fields.put(name, decoded(pair.substring(equals + 1))) != null) {
                throw malformed();
            }
        }
        return fields;
    }

    private static String decoded(String value) throws Shut {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw malformed();
        }
    }

    private static Shut malformed() {
        return new Shut(Shut.Kind.MALFORMED, "saml_form", "saml");
    }
}

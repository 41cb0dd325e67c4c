package atlas.control.saml;

import atlas.control.login.Door.Shut;
import atlas.control.login.Parameters;
import atlas.runtime.http.Exchange;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The fields of a posted SAML message, each at most once and none besides. */
final class FormBody {
    private static final String TYPE = "application/x-www-form-urlencoded";
    private static final int MAX_CHARACTERS = 512 << 10;

    private FormBody() {}

    static Map<String, String> read(Exchange exchange, Set<String> expected) throws Shut {
        List<String> types = exchange.headers().all("content-type");
        if (types.size() != 1
                || !types.getFirst().split(";", 2)[0].strip().equalsIgnoreCase(TYPE)
                || !exchange.query().isEmpty()) {
            throw new Shut(Shut.Kind.MALFORMED, "saml_form", "saml");
        }
        Map<String, String> fields =
                Parameters.read(
                        new String(exchange.body(), StandardCharsets.UTF_8), MAX_CHARACTERS);
        if (fields.isEmpty() || !expected.containsAll(fields.keySet())) {
            throw new Shut(Shut.Kind.MALFORMED, "saml_form", "saml");
        }
        return fields;
    }
}

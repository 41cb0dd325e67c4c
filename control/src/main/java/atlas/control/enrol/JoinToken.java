package atlas.control.enrol;

import atlas.control.wire.LinkException;
import atlas.control.wire.Wire;
import atlas.core.Sensitive;
import atlas.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;

/**
 * The text of an invitation: where to join, whom to believe there, and the secret that is good for
 * joining once. Whoever has it may join in the invited one's place until it is used or expires.
 *
 * @param control the control plane, as it is reached
 * @param root of the trust domain: nothing but a server under it is told the secret
 */
public record JoinToken(URI control, X509Certificate root, String id, Sensitive<byte[]> secret) {
    /** How every token begins, so that scanners of leaked secrets know it. */
    public static final String PREFIX = "atlas_join_";

    /** The token in one line. */
    public Sensitive<String> text() {
        byte[] json =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("control", control.toString());
                    Wire.write(out, "root", List.of(root));
                    out.writeStringField("id", id);
                    Wire.write(out, "secret", secret.reveal());
                    out.writeEndObject();
                });
        return Sensitive.of(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(json));
    }

    /**
     * Reads {@link #text}.
     *
     * @throws IllegalArgumentException when it is something else
     */
    public static JoinToken parse(Sensitive<String> text) {
        String given = text.reveal().strip();
        if (!given.startsWith(PREFIX)) {
            throw new IllegalArgumentException(
                    "not a join token; make one with `atlas node join-token`");
        }
        try {
            JsonNode node =
                    Wire.object(Base64.getUrlDecoder().decode(given.substring(PREFIX.length())));
            URI control = URI.create(Wire.text(node, "control"));
            if (!"https".equals(control.getScheme()) || control.getHost() == null) {
                throw new IllegalArgumentException("a join token names an https address");
            }
            return new JoinToken(
                    control,
                    Wire.chain(node, "root").getFirst(),
                    Wire.text(node, "id"),
                    Sensitive.of(Wire.binary(node, "secret")));
        } catch (LinkException e) {
            throw new IllegalArgumentException("a join token that was cut or altered", e);
        }
    }
}

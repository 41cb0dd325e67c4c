package atlas.control.link;

import atlas.control.wire.LinkException;
import atlas.control.wire.Wire;
import atlas.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * The control plane's word at one moment, signed: which state is in force. Whoever has that state
 * already is told so without it.
 *
 * @param instance which start of the control plane numbers its states here
 * @param version the number of the state; larger ones are later
 * @param asOf when that was so
 */
record Statement(String instance, long version, Instant asOf, Optional<State> state) {
    private static final String ALGORITHM = "SHA256withECDSA";
    private static final byte[] LABEL = "atlas-statement/1\n".getBytes(StandardCharsets.US_ASCII);

    /** The bytes that are signed; {@code state} as {@link State#json} wrote it. */
    static byte[] json(String instance, long version, Instant asOf, Optional<byte[]> state) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("instance", instance);
            out.writeNumberField("version", version);
            out.writeStringField("as_of", asOf.toString());
            if (state.isPresent()) {
                out.writeFieldName("state");
                out.writeRawValue(Wire.text(state.get()));
            }
            out.writeEndObject();
        });
    }

    static byte[] sign(PrivateKey key, byte[] statement) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(key);
            signature.update(LABEL);
            signature.update(statement);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK signs with P-256", e);
        }
    }

    /** The statement these bytes are, when this key signed them. */
    static Statement verified(PublicKey key, byte[] statement, byte[] signed) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(key);
            signature.update(LABEL);
            signature.update(statement);
            if (!signature.verify(signed)) {
                throw new LinkException("a statement is not signed by the control plane", null);
            }
        } catch (GeneralSecurityException e) {
            throw new LinkException("a statement's signature cannot be read", e);
        }
        JsonNode node = Wire.object(statement);
        try {
            return new Statement(
                    Wire.text(node, "instance"),
                    node.path("version").longValue(),
                    Instant.parse(Wire.text(node, "as_of")),
                    Optional.ofNullable(node.get("state")).map(State::parse));
        } catch (DateTimeParseException e) {
            throw new LinkException("a statement has no moment", e);
        }
    }
}

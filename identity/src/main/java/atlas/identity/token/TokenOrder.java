package atlas.identity.token;

import atlas.core.Principal;
import atlas.core.Principal.Credential;
import atlas.core.json.Json;
import atlas.identity.token.AtlasTokens.Order;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * An order for a token between two processes: what the token is to say, in the words a token says
 * it, with the end of the holder's credential in place of its own.
 *
 * @param decided when it was decided, to the second, by what was revoked at {@code epoch}
 */
record TokenOrder(String issuer, Order order, Instant decided, long epoch) {

    byte[] json() {
        Credential credential = order.holder().credential();
        byte[] claims = claims().json();
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeFieldName("claims");
            out.writeRawValue(new String(claims, StandardCharsets.UTF_8));
            out.writeNumberField("credential_issued", credential.issued().getEpochSecond());
            out.writeStringField("source", order.source());
            out.writeEndObject();
        });
    }

    static TokenOrder parse(byte[] json) throws TokenFault {
        JsonObject in = JsonObject.parse(json);
        Claims claims = Claims.parse(in.object("claims"));
        Instant issued = Instant.ofEpochSecond(in.seconds("credential_issued"));
        Principal said = claims.holder();
        Principal holder =
                new Principal(
                        said.id(),
                        said.kind(),
                        said.tenant(),
                        said.roles(),
                        said.models(),
                        said.claims(),
                        credential(claims, issued));
        return new TokenOrder(
                claims.issuer(),
                new Order(
                        holder,
                        claims.client(),
                        claims.audiences(),
                        said.roles(),
                        said.models(),
                        claims.rests(),
                        claims.sources(),
                        claims.binding(),
                        in.text("source")),
                claims.issued(),
                claims.epoch());
    }

    // What a token rests on names the holder's own credential first.
    private static Credential credential(Claims claims, Instant issued) throws TokenFault {
        if (claims.rests().isEmpty() || claims.rests().size() > Claims.MAX_RESTS) {
            throw new TokenFault("order_rests");
        }
        String first = claims.rests().getFirst();
        int colon = first.indexOf(':');
        if (colon < 1 || colon == first.length() - 1) {
            throw new TokenFault("order_rests");
        }
        try {
            return new Credential(
                    Credential.Kind.valueOf(first.substring(0, colon).toUpperCase(Locale.ROOT)),
                    first.substring(colon + 1),
                    issued,
                    claims.expires(),
                    Optional.empty(),
                    claims.holder().credential().key());
        } catch (IllegalArgumentException e) {
            throw new TokenFault("order_rests");
        }
    }

    /** What it would say if it were a token already. */
    Claims claims() {
        return new Claims(
                issuer,
                order.audiences(),
                order.client(),
                "ordered",
                decided,
                order.holder().credential().expires(),
                epoch,
                order.narrowed(),
                order.rests(),
                order.sources(),
                order.binding());
    }
}

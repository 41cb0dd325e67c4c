package atlas.control.enrol;

import atlas.control.login.Door;
import atlas.control.wire.LinkException;
import atlas.control.wire.Wire;
import atlas.core.AuditUnavailableException;
import atlas.core.Sensitive;
import atlas.core.json.Json;
import atlas.identity.CertificateAuthority.Request;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import com.fasterxml.jackson.databind.JsonNode;
import java.security.PublicKey;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * Where an invited gateway or node gets its first certificates: {@code POST /join} with the token's
 * secret and two certificate requests. Whoever has no such token is answered like any stranger.
 */
public final class JoinDoor implements Door {
    /** The one path. */
    public static final String PATH = "/join";

    private static final int MAX_BODY = 16 << 10;

    private final Enrolments enrolments;
    private final Issuer issuer;
    private final IntSupplier linkPort;

    /** {@code linkPort} is where the joined go on to. */
    public JoinDoor(Enrolments enrolments, Issuer issuer, IntSupplier linkPort) {
        this.enrolments = enrolments;
        this.issuer = issuer;
        this.linkPort = linkPort;
    }

    @Override
    public List<String> routes() {
        return List.of("POST " + PATH);
    }

    @Override
    public boolean serve(Exchange exchange) throws Shut {
        if (!exchange.path().equals(PATH) || !exchange.method().equals("POST")) {
            return false;
        }
        try {
            if (exchange.body().length > MAX_BODY) {
                throw new LinkException("too long", null);
            }
            JsonNode node = Wire.object(exchange.body());
            String id = Wire.text(node, "id");
            Sensitive<byte[]> secret = Sensitive.of(Wire.binary(node, "secret"));
            // A stranger's requests are not even parsed; a mistake in a request must not cost the
            // token.
            Workload coming =
                    enrolments
                            .waits(id, secret)
                            .orElseThrow(() ->
                                    new Shut(
                                            Shut.Kind.UNAUTHENTICATED,
                                            "join_token_unknown",
                                            "join token"));
            PublicKey server = Request.provenKey(Wire.binary(node, "server_request"));
            PublicKey client = Request.provenKey(Wire.binary(node, "client_request"));
            // Before the token is used up: what cannot be certified must not cost it. Nobody sees
            // these but who joins with it.
            Issuer.Chains chains = issuer.certify(coming, server, client);
            Optional<Workload> joined = enrolments.join(id, secret);
            if (joined.isEmpty()) {
                throw new Shut(Shut.Kind.UNAUTHENTICATED, "join_token_unknown", "join token");
            }
            exchange.respond(
                    200,
                    Headers.of("content-type", "application/json", "cache-control", "no-store"),
                    welcome(joined.get(), chains));
            return true;
        } catch (LinkException | IllegalArgumentException e) {
            throw new Shut(Shut.Kind.UNAUTHENTICATED, "join_malformed", "join token");
        } catch (AuditUnavailableException e) {
            throw new Shut(Shut.Kind.UNAVAILABLE, "journal", "join token");
        }
    }

    private byte[] welcome(Workload workload, Issuer.Chains chains) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("role", workload.role().wireName());
            out.writeStringField("name", workload.name());
            out.writeStringField("trust_domain", issuer.trustDomain());
            out.writeNumberField("link_port", linkPort.getAsInt());
            out.writeNumberField("renew_after_seconds", issuer.renewAfter().toSeconds());
            Wire.write(out, "root", List.of(issuer.root()));
            Wire.write(out, "statement_key", issuer.statementKey().getEncoded());
            Wire.write(out, "server", chains.server());
            Wire.write(out, "client", chains.workload());
            out.writeEndObject();
        });
    }
}

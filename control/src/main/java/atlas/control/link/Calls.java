package atlas.control.link;

import atlas.control.enrol.Issuer;
import atlas.control.wire.LinkException;
import atlas.control.wire.Wire;
import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.Sensitive;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.ObjectContext;
import atlas.core.json.Json;
import atlas.identity.CertificateAuthority.Request;
import atlas.identity.token.AtlasTokens.Issued;
import atlas.identity.token.TokenExchange.Signing.Answer;
import atlas.registry.FetchedModels;
import atlas.registry.RegistryException;
import atlas.registry.RegistryRefusal;
import atlas.runtime.http.Headers;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamResponse;
import atlas.vault.ReleasedObjects;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a joined workload asks of the control plane, over mutual TLS. Thread-safe; blocks. */
public final class Calls implements FetchedModels.Source, ReleasedObjects.Keys {
    private static final Logger LOG = LoggerFactory.getLogger(Calls.class);
    private static final int MAX_STATE = 256 << 20;
    private static final int MAX_RECORD = 16 << 20;
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final Duration SHORT = Duration.ofSeconds(5);
    private static final Duration TRANSFER = Duration.ofHours(1);
    private static final Headers JSON = Headers.of("content-type", "application/json");

    private final Upstream control;
    private final PublicKey statementKey;

    /** Believes statements that this key signed. */
    public Calls(Upstream control, PublicKey statementKey) {
        this.control = control;
        this.statementKey = statementKey;
    }

    /** Waits for news; {@code asked} says what is known here. */
    Statement state(byte[] asked, Duration patience) {
        try (UpstreamResponse response = post(control, LinkDoor.STATE, asked, patience)) {
            byte[] statement = response.body(MAX_STATE);
            String signature = response.headers().first(LinkDoor.SIGNATURE).orElse("");
            byte[] signed = Base64.getDecoder().decode(signature);
            return Statement.verified(statementKey, statement, signed);
        } catch (UpstreamException | IllegalArgumentException e) {
            throw new LinkException("the control plane did not say what is in force", e);
        }
    }

    /** Certificates for fresh keys, in place of those that end soon. */
    public Issuer.Chains renew(KeyPair server, KeyPair client) {
        byte[] asked =
                Json.bytes(out -> {
                    out.writeStartObject();
                    Wire.write(out, "server_request", Request.of(server));
                    Wire.write(out, "client_request", Request.of(client));
                    out.writeEndObject();
                });
        try (UpstreamResponse response = post(control, LinkDoor.RENEW, asked, SOON)) {
            JsonNode chains = Wire.object(response.body(MAX_RECORD));
            return new Issuer.Chains(Wire.chain(chains, "server"), Wire.chain(chains, "client"));
        } catch (UpstreamException e) {
            throw new LinkException("the control plane did not renew the certificates", e);
        }
    }

    /** What the control plane makes of whoever calls with an SVID, and a certificate to show. */
    public static JsonNode enrol(Upstream control, KeyPair server) {
        byte[] asked =
                Json.bytes(out -> {
                    out.writeStartObject();
                    Wire.write(out, "server_request", Request.of(server));
                    out.writeEndObject();
                });
        try (UpstreamResponse response = post(control, LinkDoor.ENROL, asked, SOON)) {
            return Wire.object(response.body(MAX_RECORD));
        } catch (UpstreamException e) {
            throw new LinkException("the control plane did not answer", e);
        }
    }

    /** Has an order for a token signed; whatever is not an answer is nobody's fault but ours. */
    public Answer token(byte[] order) {
        try (UpstreamResponse response = control.send("POST", LinkDoor.TOKEN, JSON, order, SHORT)) {
            if (response.status() != 200) {
                return away(new LinkException("" + response.status(), null));
            }
            JsonNode said = Wire.object(response.body(MAX_RECORD));
            if (said.has("token")) {
                Sensitive<String> token = Sensitive.of(Wire.text(said, "token"));
                return new Answer.Signed(Issued.of(token));
            }
            return said.has("ended")
                    ? new Answer.Ended(Wire.text(said, "ended"))
                    : new Answer.Refused(Wire.text(said, "refused"), Wire.text(said, "message"));
        } catch (UpstreamException | LinkException | IllegalArgumentException e) {
            return away(e);
        }
    }

    private static Answer away(Exception cause) {
        LOG.atWarn().setCause(cause).log("the control plane did not sign a token");
        return new Answer.Away("control plane");
    }

    private static UpstreamResponse post(
            Upstream control, String path, byte[] body, Duration patience)
            throws UpstreamException {
        UpstreamResponse response = control.send("POST", path, JSON, body, patience);
        if (response.status() == 200) {
            return response;
        }
        int status = response.status();
        response.close();
        throw new LinkException("the control plane answered " + status, null);
    }

    @Override
    public byte[] record(ModelRef ref) {
        byte[] asked =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("model", ref.toString());
                    out.writeEndObject();
                });
        try (UpstreamResponse response = control.send("POST", LinkDoor.RECORD, JSON, asked, SOON)) {
            byte[] body = response.body(MAX_RECORD);
            return switch (response.status()) {
                case 200 -> body;
                case 404 -> throw told(RegistryRefusal.Cause.UNKNOWN, body);
                case 409 -> throw told(RegistryRefusal.Cause.STATE, body);
                default -> throw away(ref, new LinkException("" + response.status(), null));
            };
        } catch (UpstreamException e) {
            throw away(ref, e);
        }
    }

    private static RegistryRefusal told(RegistryRefusal.Cause why, byte[] problem) {
        String detail = Wire.object(problem).path("detail").asText("refused");
        return RegistryRefusal.told(why, detail);
    }

    private static RegistryException away(ModelRef ref, Exception cause) {
        return new RegistryException(
                "the control plane could not be asked for `" + ref + "`", cause);
    }

    @Override
    public InputStream object(ModelRef ref, Digest sealed) {
        String path = LinkDoor.OBJECTS + ref.name() + "/" + ref.version() + "/" + sealed.hex();
        try {
            UpstreamResponse response =
                    control.send("GET", path, Headers.none(), new byte[0], TRANSFER);
            if (response.status() != 200) {
                response.close();
                throw away(ref, new LinkException("" + response.status(), null));
            }
            return new FilterInputStream(response.stream()) {
                @Override
                public void close() throws IOException {
                    super.close();
                    response.close();
                }
            };
        } catch (UpstreamException e) {
            throw away(ref, e);
        }
    }

    @Override
    public Sensitive<byte[]> release(ObjectContext context, byte[] wrapped) {
        byte[] asked =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("model", context.name() + "@" + context.version());
                    out.writeStringField("file", context.file());
                    Wire.write(out, "wrapped", wrapped);
                    out.writeEndObject();
                });
        try (UpstreamResponse response = post(control, LinkDoor.KEY, asked, SOON)) {
            return Sensitive.of(Wire.binary(Wire.object(response.body(MAX_RECORD)), "key"));
        } catch (UpstreamException | LinkException e) {
            throw new KeyUnavailableException("the control plane did not release the key", e);
        }
    }
}

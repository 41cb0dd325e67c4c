package atlas.control.link;

import atlas.control.enrol.Enrolments;
import atlas.control.enrol.Issuer;
import atlas.control.enrol.SvidRules;
import atlas.control.enrol.Workload;
import atlas.control.wire.LinkException;
import atlas.control.wire.Wire;
import atlas.core.AuditUnavailableException;
import atlas.core.WorkloadId;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.core.json.Json;
import atlas.identity.CertificateAuthority.Request;
import atlas.identity.StoreUnavailableException;
import atlas.identity.WorkloadTrust;
import atlas.registry.RegistryException;
import atlas.registry.RegistryRefusal;
import atlas.runtime.Problem;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Handler;
import atlas.runtime.http.Headers;
import com.fasterxml.jackson.databind.JsonNode;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the control plane answers its gateways and nodes. A caller is the workload of its client
 * certificate, and only while it is enrolled; everybody else gets one refusal, whatever is asked.
 */
public final class LinkDoor implements Handler {
    static final String STATE = "/link/v1/state";
    static final String ENROL = "/link/v1/enrol";
    static final String RENEW = "/link/v1/renew";
    static final String RECORD = "/link/v1/record";
    static final String KEY = "/link/v1/key";
    static final String TOKEN = "/link/v1/token";
    static final String OBJECTS = "/link/v1/objects/";
    static final String SIGNATURE = "atlas-signature";

    /** How long an answer about the state may wait for a change. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(LinkDoor.class);
    private static final Headers JSON =
            Headers.of("content-type", "application/json", "cache-control", "no-store");

    private final WorkloadTrust trust;
    private final Enrolments enrolments;
    private final Issuer issuer;
    private final SvidRules rules;
    private final StateSource states;
    private final ModelReleases models;
    private final TokenOrders tokens;
    private final Followers followers;
    private final Refusals refusals;

    /**
     * Who is let in.
     *
     * @param rules when there are any, workloads come by SVID alone; with none, by certificates
     *     that joining gave them
     */
    public record Gatekeeper(
            WorkloadTrust trust, Enrolments enrolments, Issuer issuer, SvidRules rules) {}

    /** Where refusals are recorded, so that nobody with a certificate can flood the journal. */
    public interface Refusals {
        void refused(Exchange exchange, String reason, String hint);
    }

    public LinkDoor(
            Gatekeeper gatekeeper,
            StateSource states,
            ModelReleases models,
            TokenOrders tokens,
            Followers followers,
            Refusals refusals) {
        this.trust = gatekeeper.trust;
        this.enrolments = gatekeeper.enrolments;
        this.issuer = gatekeeper.issuer;
        this.rules = gatekeeper.rules;
        this.states = states;
        this.models = models;
        this.tokens = tokens;
        this.followers = followers;
        this.refusals = refusals;
    }

    @Override
    public void handle(Exchange exchange) {
        try {
            Optional<WorkloadId> shown = trust.vouchedFor(exchange.peer());
            Optional<Workload> caller = shown.flatMap(id -> enrolled(id, exchange));
            if (caller.isPresent()) {
                route(exchange, caller.get());
                return;
            }
            String hint = shown.map(WorkloadId::uri).orElse("certificate");
            refused(exchange, "workload_not_enrolled", hint);
            answer(exchange, 403, "forbidden", "this is for workloads that have joined");
        } catch (RegistryRefusal e) {
            int status = e.why() == RegistryRefusal.Cause.UNKNOWN ? 404 : 409;
            answer(exchange, status, "model-refused", String.valueOf(e.getMessage()));
        } catch (SealBrokenException e) {
            answer(exchange, 409, "model-refused", "that is not the key of this object");
        } catch (AuditUnavailableException
                | KeyUnavailableException
                | RegistryException
                | StoreUnavailableException e) {
            LOG.atError().setCause(e).log("a workload could not be served");
            answer(exchange, 503, "unavailable", "something this needs is unavailable");
        } catch (StateSource.Ending e) {
            answer(exchange, 503, "unavailable", String.valueOf(e.getMessage()));
        } catch (LinkException | IllegalArgumentException e) {
            answer(exchange, 400, "invalid-request", String.valueOf(e.getMessage()));
        }
    }

    private Optional<Workload> enrolled(WorkloadId id, Exchange exchange) {
        if (!rules.isEmpty()) {
            return enrolments.bySvid(id, rules);
        }
        Instant issued = exchange.peer().getFirst().getNotBefore().toInstant();
        return enrolments.find(id).filter(workload -> workload.holdsFrom(issued));
    }

    private void route(Exchange exchange, Workload caller) {
        String path = exchange.path();
        switch (exchange.method() + " " + path) {
            case "POST " + STATE -> state(exchange, caller);
            case "POST " + RENEW -> renew(exchange, caller);
            case "POST " + ENROL -> enrol(exchange, caller);
            case "POST " + RECORD -> {
                if (node(exchange, caller)) {
                    exchange.respond(200, JSON, models.record(Wire.object(exchange.body())));
                }
            }
            case "POST " + KEY -> {
                if (node(exchange, caller)) {
                    byte[] key =
                            models.key(caller, exchange.requestId(), Wire.object(exchange.body()));
                    exchange.respond(200, JSON, key);
                }
            }
            case "POST " + TOKEN -> token(exchange, caller);
            default -> {
                if (path.startsWith(OBJECTS) && exchange.method().equals("GET")) {
                    if (node(exchange, caller)) {
                        models.object(exchange, path.substring(OBJECTS.length()));
                    }
                    return;
                }
                answer(exchange, 404, "not-found", "there is nothing at this path");
            }
        }
    }

    /** Whether the caller is a node; models are for nobody else. */
    private boolean node(Exchange exchange, Workload caller) {
        if (caller.role() == Workload.Role.NODE) {
            return true;
        }
        refused(exchange, "models_for_nodes_only", caller.path());
        answer(exchange, 403, "forbidden", "models are for nodes");
        return false;
    }

    private void token(Exchange exchange, Workload caller) {
        if (caller.role() != Workload.Role.GATEWAY) {
            refused(exchange, "tokens_for_gateways_only", caller.path());
            answer(exchange, 403, "forbidden", "tokens are ordered by gateways");
            return;
        }
        byte[] said = tokens.answer(caller, exchange.requestId(), exchange.body());
        if (stillEnrolled(exchange, caller)) {
            exchange.respond(200, JSON, said);
        }
    }

    // A removal that happened while an answer was made holds for it too, and so does that the
    // name was given again.
    private boolean stillEnrolled(Exchange exchange, Workload caller) {
        WorkloadId id = caller.id(issuer.trustDomain());
        if (enrolments.find(id).filter(caller::equals).isPresent()) {
            return true;
        }
        refused(exchange, "workload_not_enrolled", id.uri());
        answer(exchange, 403, "forbidden", "this is for workloads that have joined");
        return false;
    }

    private void state(Exchange exchange, Workload caller) {
        JsonNode asked = Wire.object(exchange.body());
        Map<String, Instant> uses = new HashMap<>();
        for (Map.Entry<String, JsonNode> use : asked.path("uses").properties()) {
            uses.put(use.getKey(), Instant.ofEpochMilli(use.getValue().longValue()));
        }
        if (caller.role() == Workload.Role.GATEWAY) {
            states.used(uses);
        }
        followers.seen(caller, asked);
        StateSource.Signed news =
                states.news(
                        caller.role(),
                        asked.path("instance").asText(),
                        asked.path("version").longValue(),
                        PATIENCE);
        if (!stillEnrolled(exchange, caller)) {
            return;
        }
        String signature = Base64.getEncoder().encodeToString(news.signature());
        exchange.respond(200, JSON.with(SIGNATURE, signature), news.statement());
    }

    // What joining gives, but for the certificate to call with: that one has.
    private void enrol(Exchange exchange, Workload caller) {
        if (rules.isEmpty()) {
            answer(exchange, 409, "conflict", "this control plane is joined with tokens");
            return;
        }
        JsonNode asked = Wire.object(exchange.body());
        PublicKey server = Request.provenKey(Wire.binary(asked, "server_request"));
        List<X509Certificate> chain = issuer.server(caller, server);
        byte[] body =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("role", caller.role().wireName());
                    out.writeStringField("name", caller.name());
                    out.writeStringField("trust_domain", issuer.trustDomain());
                    out.writeNumberField("renew_after_seconds", issuer.renewAfter().toSeconds());
                    Wire.write(out, "root", List.of(issuer.root()));
                    Wire.write(out, "statement_key", issuer.statementKey().getEncoded());
                    Wire.write(out, "server", chain);
                    out.writeEndObject();
                });
        if (stillEnrolled(exchange, caller)) {
            exchange.respond(200, JSON, body);
        }
    }

    private void renew(Exchange exchange, Workload caller) {
        if (!rules.isEmpty()) {
            enrol(exchange, caller);
            return;
        }
        JsonNode asked = Wire.object(exchange.body());
        PublicKey server = Request.provenKey(Wire.binary(asked, "server_request"));
        PublicKey client = Request.provenKey(Wire.binary(asked, "client_request"));
        Issuer.Chains chains = issuer.certify(caller, server, client);
        // A certificate made after the name was given again would pass for the new one's.
        if (!stillEnrolled(exchange, caller)) {
            return;
        }
        byte[] body =
                Json.bytes(out -> {
                    out.writeStartObject();
                    Wire.write(out, "server", chains.server());
                    Wire.write(out, "client", chains.workload());
                    out.writeEndObject();
                });
        exchange.respond(200, JSON, body);
    }

    private void refused(Exchange exchange, String reason, String hint) {
        refusals.refused(exchange, reason, hint);
    }

    private static void answer(Exchange exchange, int status, String slug, String detail) {
        Problem problem = new Problem(slug, status, "Refused", detail);
        exchange.respond(
                status,
                Headers.of("content-type", Problem.MEDIA_TYPE),
                problem.json(exchange.requestId()));
    }
}

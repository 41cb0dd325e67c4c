package atlas.node;

import atlas.core.ModelRef;
import atlas.core.json.Json;
import atlas.node.dialect.Dialect;
import atlas.node.dialect.Refused;
import atlas.node.json.BadJson;
import atlas.node.json.JsonTree;
import atlas.runtime.Problem;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Handler;
import atlas.runtime.http.Headers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leads each request to the model it names, once its caller is known. */
final class NodeHandler implements Handler {
    private static final Logger LOG = LoggerFactory.getLogger(NodeHandler.class);
    private static final Headers JSON = Headers.of("content-type", "application/json");

    private final NodeConfig config;
    private final String trustDomain;
    private final LoadJourney models;
    private final Dialect dialect;
    private final NodeStatus status;

    NodeHandler(
            NodeConfig config,
            String trustDomain,
            LoadJourney models,
            Dialect dialect,
            NodeStatus status) {
        this.config = config;
        this.trustDomain = trustDomain;
        this.models = models;
        this.dialect = dialect;
        this.status = status;
    }

    @Override
    public void handle(Exchange exchange) throws InterruptedException {
        try {
            route(exchange, Caller.of(exchange.peer(), trustDomain));
        } catch (Refused e) {
            LOG.atInfo()
                    .addKeyValue("request", exchange.requestId())
                    .addKeyValue("code", e.code())
                    .log("request refused");
            refuse(exchange, e);
        } catch (BadJson e) {
            refuse(exchange, Refused.invalid(e.reason()));
        }
    }

    private static void refuse(Exchange exchange, Refused refused) {
        if (exchange.path().startsWith("/v1/")) {
            Dialect.refuse(exchange, refused);
            return;
        }
        String slug = refused.code().replace('_', '-');
        Problem problem = new Problem(slug, refused.status(), "Refused", refused.reason());
        exchange.respond(
                refused.status(),
                Headers.of("content-type", Problem.MEDIA_TYPE),
                problem.json(exchange.requestId()));
    }

    private void route(Exchange exchange, Caller caller) throws Refused, InterruptedException {
        switch (exchange.method() + " " + exchange.path()) {
            case "POST /v1/chat/completions" -> dialect.chat(exchange, answerer(exchange, caller));
            case "POST /v1/completions" -> dialect.completion(exchange, answerer(exchange, caller));
            case "POST /v1/embeddings" -> dialect.embeddings(exchange, answerer(exchange, caller));
            case "GET /v1/models" -> exchange.respond(200, JSON, status.models());
            case "GET /node/v1/status" -> exchange.respond(200, JSON, status.everything());
            case "POST /node/v1/load" -> {
                require(caller, Caller.CONTROL);
                LoadedModel model = models.load(named(exchange));
                exchange.respond(200, JSON, status.one(model));
            }
            case "POST /node/v1/unload" -> {
                require(caller, Caller.CONTROL);
                boolean unloaded = models.unload(named(exchange));
                exchange.respond(200, JSON, unloaded(unloaded));
            }
            default -> throw new Refused(404, "not_found", "there is nothing at this path");
        }
    }

    private static byte[] unloaded(boolean unloaded) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeBooleanField("unloaded", unloaded);
            out.writeEndObject();
        });
    }

    private static void require(Caller caller, Caller expected) throws Refused {
        if (caller != expected) {
            throw new Refused(403, "forbidden", "only the control plane may do this");
        }
    }

    private static ModelRef named(Exchange exchange) throws Refused {
        return ref(JsonTree.object(exchange.body()).text("model"));
    }

    private static ModelRef ref(String text) throws Refused {
        try {
            return ModelRef.parse(text);
        } catch (IllegalArgumentException e) {
            throw new Refused(400, "invalid_request", String.valueOf(e.getMessage()));
        }
    }

    private Dialect.Answerer answerer(Exchange exchange, Caller caller) throws Refused {
        require(caller, exchange);
        ModelRef ref =
                ref(
                        exchange.headers()
                                .first("atlas-model")
                                .orElseThrow(() ->
                                        new Refused(
                                                400,
                                                "invalid_request",
                                                "the `atlas-model` header is missing")));
        LoadedModel model = serving(ref);
        return new Dialect.Answerer(model.engine(), ref.name(), model.fingerprint());
    }

    /** Inference comes through the gateway, where it is inspected and recorded. */
    private static void require(Caller caller, Exchange exchange) throws Refused {
        if (caller != Caller.GATEWAY) {
            LOG.atWarn().addKeyValue("path", exchange.path()).log("inference not by the gateway");
            throw new Refused(403, "forbidden", "inference comes through the gateway only");
        }
    }

    private LoadedModel serving(ModelRef ref) throws Refused {
        var found = models.find(ref);
        if (found.isPresent()) {
            return found.get();
        }
        if (config.loadOnDemand()) {
            return models.load(ref);
        }
        throw new Refused(503, "unavailable", "`" + ref + "` is not loaded on this node");
    }
}

package atlas.control;

import atlas.control.api.NodeDoor;
import atlas.core.ModelRef;
import atlas.core.json.Json;
import atlas.runtime.http.Headers;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamResponse;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The node, over mTLS. */
final class RemoteNode implements NodeDoor {
    private static final ObjectMapper MAPPER = new ObjectMapper(Json.factory());
    private static final int MAX_ANSWER = 1 << 20;
    private static final Duration LOADING = Duration.ofMinutes(10);
    private static final Duration ASKING = Duration.ofSeconds(5);

    private final Upstream upstream;

    RemoteNode(Upstream upstream) {
        this.upstream = upstream;
    }

    @Override
    public Answer load(ModelRef model) {
        return send("POST", "/node/v1/load", body(model), LOADING);
    }

    @Override
    public Answer unload(ModelRef model) {
        return send("POST", "/node/v1/unload", body(model), LOADING);
    }

    @Override
    public Answer status() {
        return send("GET", "/node/v1/status", new byte[0], ASKING);
    }

    private static byte[] body(ModelRef model) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("model", model.toString());
            out.writeEndObject();
        });
    }

    private Answer send(String method, String path, byte[] body, Duration deadline) {
        Headers headers =
                body.length == 0 ? Headers.none() : Headers.of("content-type", "application/json");
        try (UpstreamResponse response = upstream.send(method, path, headers, body, deadline)) {
            byte[] answer = response.body(MAX_ANSWER);
            if (response.status() / 100 == 2) {
                return new Answer.Done(json(answer));
            }
            return new Answer.Refused(reason(response.status(), answer));
        } catch (UpstreamException e) {
            return new Answer.Unreachable(e.kind().name().toLowerCase(java.util.Locale.ROOT));
        }
    }

    // What the node says goes into answers as it is, so it must be JSON.
    private static String json(byte[] answer) {
        try {
            JsonNode tree = MAPPER.readTree(answer);
            return tree == null || tree.isMissingNode() ? "{}" : tree.toString();
        } catch (IOException e) {
            return "{}";
        }
    }

    private static String reason(int status, byte[] answer) {
        try {
            JsonNode tree = MAPPER.readTree(answer);
            for (String place : new String[] {"/detail", "/error/message", "/reason"}) {
                if (tree != null && tree.at(place).isTextual()) {
                    return tree.at(place).asText();
                }
            }
        } catch (IOException e) {
            return "status " + status + " without an explanation";
        }
        return "status "
                + status
                + ": "
                + new String(answer, 0, Math.min(200, answer.length), StandardCharsets.UTF_8);
    }
}

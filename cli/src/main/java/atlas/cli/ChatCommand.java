package atlas.cli;

import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** One question through the gateway, the answer streamed as it comes. */
@Command(
        name = "chat",
        description = "Ask one question through the gateway.",
        footer = "%nExample:%n  atlas chat \"What is zero trust?\"")
final class ChatCommand extends AtlasCommand {
    @Parameters(index = "0", paramLabel = "QUESTION", description = "what to ask")
    private String question = "";

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "which model (default: the first one you may use)")
    private @Nullable String model;

    @Option(names = "--system", paramLabel = "TEXT", description = "a system message")
    private @Nullable String system;

    @Option(names = "--max-tokens", paramLabel = "N", description = "at most this many tokens")
    private @Nullable Integer maxTokens;

    @Override
    public Integer call() throws IOException {
        Remote gateway = Remote.gateway(shared(), Role.CONSUMER);
        ObjectNode request = Remote.object();
        request.put("model", model != null ? model : firstModel(gateway));
        request.put("stream", true);
        if (maxTokens != null) {
            request.put("max_tokens", maxTokens);
        }
        ArrayNode messages = request.putArray("messages");
        if (system != null) {
            messages.addObject().put("role", "system").put("content", system);
        }
        messages.addObject().put("role", "user").put("content", question);
        try (BufferedReader events =
                new BufferedReader(
                        new InputStreamReader(
                                gateway.stream(
                                        "POST", "/v1/chat/completions", Optional.of(request)),
                                StandardCharsets.UTF_8))) {
            return show(events);
        }
    }

    private int show(BufferedReader events) throws IOException {
        Terminal terminal = terminal();
        boolean ended = false;
        String finish = "";
        String line;
        while ((line = events.readLine()) != null) {
            if (!line.startsWith("data:")) {
                continue;
            }
            String data = line.substring(5).strip();
            if (data.equals("[DONE]")) {
                ended = true;
                continue;
            }
            JsonNode event = Remote.JSON.readTree(data);
            if (event.at("/error/code").asText().equals("access_revoked")) {
                throw Stop.no(
                        "the answer was ended: what it rested on was taken back (a key, a token, a"
                                + " grant or the model); ask whoever administers access");
            }
            if (event.has("error")) {
                throw Stop.unknown(event.path("error").path("message").asText("the answer failed"));
            }
            if (terminal.json()) {
                terminal.print(data);
            } else {
                JsonNode choice = event.path("choices").path(0);
                terminal.stream(Terminal.safe(choice.path("delta").path("content").asText("")));
                finish = choice.path("finish_reason").asText(finish);
            }
        }
        if (!terminal.json()) {
            terminal.print("");
        }
        if (!ended) {
            throw Stop.unknown("the answer broke off");
        }
        if (finish.equals("content_filter")) {
            throw Stop.no("the answer was stopped by the output filter");
        }
        return Main.YES;
    }

    private static String firstModel(Remote gateway) {
        for (JsonNode entry : gateway.read("/v1/models").path("data")) {
            if (!entry.path("atlas").path("task").asText("").equals("embedding")) {
                return entry.path("id").asText();
            }
        }
        throw Stop.no("there is no model you may use");
    }
}

package atlas.node.engine.remote;

import atlas.core.json.Json;
import atlas.node.engine.Capabilities;
import atlas.node.engine.ChatMessage;
import atlas.node.engine.Embeddings;
import atlas.node.engine.EngineException;
import atlas.node.engine.EngineHealth;
import atlas.node.engine.EngineRefusal;
import atlas.node.engine.EngineRefusal.Kind;
import atlas.node.engine.Generation;
import atlas.node.engine.GenerationRequest;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.Prompt;
import atlas.node.engine.Sampling;
import atlas.node.engine.TokenSink;
import atlas.node.json.BadJson;
import atlas.node.json.JsonTree;
import atlas.runtime.http.Headers;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamResponse;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** A model behind an OpenAI-compatible HTTP server. Owns the connection to it. */
public final class OpenAiInference implements InferenceEngine {
    private static final int MAX_BODY = 64 << 20;
    private static final int MAX_ERROR = 64 << 10;

    private final Upstream upstream;
    private final Headers headers;
    private final String model;
    private final Capabilities capabilities;
    private final Duration deadline;
    private final int places;
    private final Semaphore free;
    private final Set<AnswerReader> running = ConcurrentHashMap.newKeySet();
    private final AtomicLong generated = new AtomicLong();

    /**
     * @param headers credentials for the server
     * @param model the name the server knows it by
     * @param places requests under way at the same time; more are refused
     * @param deadline for a whole answer
     */
    public OpenAiInference(
            Upstream upstream,
            Headers headers,
            String model,
            Capabilities capabilities,
            int places,
            Duration deadline) {
        this.upstream = upstream;
        this.headers = headers.with("content-type", "application/json");
        this.model = model;
        this.capabilities = capabilities;
        this.places = places;
        this.free = new Semaphore(places);
        this.deadline = deadline;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public Generation generate(GenerationRequest request, TokenSink sink) throws EngineRefusal {
        takePlace();
        UpstreamResponse response = null;
        try {
            boolean chat = request.prompt() instanceof Prompt.Chat;
            String path = chat ? "/v1/chat/completions" : "/v1/completions";
            response = send(path, body(request));
            AnswerReader reader = new AnswerReader(response, sink, generated);
            running.add(reader);
            Thread.ofVirtual()
                    .name("answer of " + model)
                    .start(() -> {
                        try {
                            reader.run();
                        } finally {
                            running.remove(reader);
                            free.release();
                        }
                    });
            return reader;
        } catch (EngineRefusal | RuntimeException | Error e) {
            if (response != null) {
                response.close();
            }
            free.release();
            throw e;
        }
    }

    private void takePlace() throws EngineRefusal {
        if (!free.tryAcquire()) {
            throw new EngineRefusal(Kind.BUSY, "the engine has no free place, try again later");
        }
    }

    private UpstreamResponse send(String path, byte[] body) throws EngineRefusal {
        try {
            UpstreamResponse response = upstream.send("POST", path, headers, body, deadline);
            if (response.status() == 200) {
                return response;
            }
            int status = response.status();
            byte[] answer;
            try (response) {
                answer = response.body(MAX_ERROR);
            }
            throw refusal(status, answer);
        } catch (UpstreamException e) {
            throw new EngineException("the engine `" + model + "` cannot be reached", e);
        }
    }

    /** The server's own words are not passed on: they are a stranger's. */
    private EngineRefusal refusal(int status, byte[] answer) {
        if (status == 400 || status == 413 || status == 422) {
            return code(answer).contains("context")
                    ? new EngineRefusal(
                            Kind.TOO_LONG, "the prompt is longer than the model's context")
                    : new EngineRefusal(Kind.INVALID, "the engine did not accept the request");
        }
        if (status == 429 || status == 503) {
            return new EngineRefusal(Kind.BUSY, "the engine is busy, try again later");
        }
        throw new EngineException("the engine `" + model + "` answered " + status, null);
    }

    private static String code(byte[] answer) {
        try {
            return JsonTree.object(answer)
                    .find("error", JsonTree.class)
                    .map(error ->
                            error.find("code", Object.class).orElse("")
                                    + " "
                                    + error.find("type", Object.class).orElse(""))
                    .orElse("");
        } catch (BadJson e) {
            return "";
        }
    }

    private byte[] body(GenerationRequest request) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("model", model);
            prompt(out, request.prompt());
            out.writeBooleanField("stream", true);
            out.writeObjectFieldStart("stream_options");
            out.writeBooleanField("include_usage", true);
            out.writeEndObject();
            out.writeNumberField("max_tokens", request.maxTokens());
            sampling(out, request.sampling());
            if (!request.stop().isEmpty()) {
                out.writeArrayFieldStart("stop");
                for (String stop : request.stop()) {
                    out.writeString(stop);
                }
                out.writeEndArray();
            }
            out.writeEndObject();
        });
    }

    private static void prompt(JsonGenerator out, Prompt prompt) throws IOException {
        switch (prompt) {
            case Prompt.Text text -> out.writeStringField("prompt", text.text());
            case Prompt.Chat chat -> {
                out.writeArrayFieldStart("messages");
                for (ChatMessage message : chat.messages()) {
                    out.writeStartObject();
                    out.writeStringField("role", message.role().wireName());
                    out.writeStringField("content", message.text());
                    out.writeEndObject();
                }
                out.writeEndArray();
            }
        }
    }

    private static void sampling(JsonGenerator out, Sampling sampling) throws IOException {
        out.writeNumberField("temperature", sampling.temperature());
        out.writeNumberField("top_p", sampling.topP());
        if (sampling.topK() > 0) {
            out.writeNumberField("top_k", sampling.topK());
        }
        out.writeNumberField("frequency_penalty", sampling.frequencyPenalty());
        out.writeNumberField("presence_penalty", sampling.presencePenalty());
        if (sampling.seed().isPresent()) {
            out.writeNumberField("seed", sampling.seed().getAsLong());
        }
    }

    @Override
    public Embeddings embed(List<String> texts) throws EngineRefusal {
        takePlace();
        byte[] body =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("model", model);
                    out.writeArrayFieldStart("input");
                    for (String text : texts) {
                        out.writeString(text);
                    }
                    out.writeEndArray();
                    out.writeEndObject();
                });
        try (UpstreamResponse response = send("/v1/embeddings", body)) {
            return embeddings(JsonTree.object(response.body(MAX_BODY)), texts.size());
        } catch (UpstreamException | BadJson e) {
            throw new EngineException("the engine `" + model + "` broke off", e);
        } finally {
            free.release();
        }
    }

    private static Embeddings embeddings(JsonTree answer, int expected) {
        List<float[]> vectors = new ArrayList<>();
        for (Object item : answer.list("data")) {
            if (!(item instanceof JsonTree entry)) {
                throw new BadJson("an embedding is not an object");
            }
            List<?> numbers = entry.list("embedding");
            float[] vector = new float[numbers.size()];
            for (int i = 0; i < vector.length; i++) {
                if (!(numbers.get(i) instanceof Number number)) {
                    throw new BadJson("an embedding holds something else than numbers");
                }
                vector[i] = number.floatValue();
            }
            vectors.add(vector);
        }
        if (vectors.size() != expected) {
            throw new BadJson("not as many embeddings as texts");
        }
        long tokens =
                answer.find("usage", JsonTree.class)
                        .flatMap(usage -> usage.whole("prompt_tokens"))
                        .orElse(0L);
        return new Embeddings(vectors, Math.toIntExact(tokens));
    }

    @Override
    public int countTokens(Prompt prompt) throws EngineRefusal {
        throw new EngineRefusal(Kind.UNSUPPORTED, "this engine does not tell token counts ahead");
    }

    @Override
    public EngineHealth health() {
        Upstream.Health health = upstream.health();
        String detail = health.reachable() ? "reachable" : "not reached yet";
        int active = places - free.availablePermits();
        return new EngineHealth(true, active, 0, generated.get(), detail);
    }

    @Override
    public void close() {
        running.forEach(AnswerReader::cancel);
        upstream.close();
    }
}

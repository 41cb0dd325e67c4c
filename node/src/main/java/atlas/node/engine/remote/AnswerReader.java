package atlas.node.engine.remote;

import atlas.node.engine.EngineException;
import atlas.node.engine.Generation;
import atlas.node.engine.TokenSink;
import atlas.node.engine.TokenSink.Finish;
import atlas.node.engine.TokenSink.Token;
import atlas.node.engine.TokenSink.Usage;
import atlas.node.json.BadJson;
import atlas.node.json.JsonTree;
import atlas.runtime.http.UpstreamResponse;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/** Reads one event stream and tells a sink; every line is bounded. */
final class AnswerReader implements Generation, Runnable {
    private static final int MAX_LINE = 1 << 20;
    private static final String DATA = "data:";

    private final UpstreamResponse response;
    private final TokenSink sink;
    private final AtomicLong generated;
    private volatile boolean cancelled;
    private int pieces;
    private Finish finish = Finish.STOP;
    private boolean ended;
    private Usage usage = new Usage(0, 0);

    AnswerReader(UpstreamResponse response, TokenSink sink, AtomicLong generated) {
        this.response = response;
        this.sink = sink;
        this.generated = generated;
    }

    @Override
    public void cancel() {
        if (!cancelled) {
            cancelled = true;
            response.cancel();
        }
    }

    @Override
    public void run() {
        try (response) {
            InputStream in = new BufferedInputStream(response.stream());
            while (!ended) {
                String line = line(in);
                if (line.startsWith(DATA)) {
                    event(line.substring(DATA.length()).strip());
                }
            }
            done(finish);
        } catch (IOException | BadJson | ArithmeticException e) {
            if (cancelled) {
                done(Finish.CANCELLED);
            } else {
                sink.failed(new EngineException("the engine broke off its answer", e));
            }
        }
    }

    private void done(Finish how) {
        // A server that does not tell its usage sends a token per piece, as they all do.
        Usage used =
                usage.completionTokens() == 0 && pieces > 0
                        ? new Usage(usage.promptTokens(), pieces)
                        : usage;
        generated.addAndGet(used.completionTokens());
        sink.finished(how, used);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the stream ended before its end was announced");
            }
            if (line.size() == MAX_LINE) {
                throw new IOException("a line of the stream is too long");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8).stripTrailing();
    }

    private void event(String data) throws IOException {
        if (data.equals("[DONE]")) {
            ended = true;
            return;
        }
        JsonTree event = JsonTree.object(data.getBytes(StandardCharsets.UTF_8));
        if (event.asks("error")) {
            throw new IOException("the engine reported an error in its stream");
        }
        event.find("usage", JsonTree.class).ifPresent(this::readUsage);
        for (Object item : event.list("choices")) {
            if (item instanceof JsonTree choice) {
                choice(choice);
            }
        }
    }

    private void readUsage(JsonTree told) {
        usage =
                new Usage(
                        Math.toIntExact(told.whole("prompt_tokens").orElse(0L)),
                        Math.toIntExact(told.whole("completion_tokens").orElse(0L)));
    }

    private void choice(JsonTree choice) {
        String text =
                choice.find("delta", JsonTree.class)
                        .flatMap(delta -> delta.find("content", String.class))
                        .or(() -> choice.find("text", String.class))
                        .orElse("");
        if (!text.isEmpty()) {
            pieces++;
            sink.token(new Token(-1, text.getBytes(StandardCharsets.UTF_8), Float.NaN));
        }
        choice.find("finish_reason", String.class)
                .ifPresent(why -> finish = why.equals("length") ? Finish.LENGTH : Finish.STOP);
    }
}

package atlas.node.dialect;

import atlas.node.dialect.TokenQueue.Heard;
import atlas.node.engine.EngineException;
import atlas.node.engine.EngineRefusal;
import atlas.node.engine.Generation;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.TokenSink.Token;
import atlas.node.engine.Utf8Stream;
import atlas.node.json.JsonTree;
import atlas.runtime.http.BodyWriter;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests of the OpenAI dialect with an engine. Blocks its caller until the answer has
 * been handed over; a client that leaves ends its generation. Thread-safe.
 */
public final class Dialect {
    private static final Logger LOG = LoggerFactory.getLogger(Dialect.class);
    private static final Headers JSON = Headers.of("content-type", "application/json");
    private static final Headers EVENTS =
            Headers.of("content-type", "text/event-stream", "cache-control", "no-store");

    private final RequestReader reader;
    private final Clock clock;

    /**
     * @param maxTokens most tokens of any answer, also when none were asked for
     * @param temperature used when the request names none
     */
    public Dialect(int maxTokens, double temperature, Clock clock) {
        this.reader = new RequestReader(maxTokens, temperature);
        this.clock = clock;
    }

    /** Who answers: the engine, the name it goes by, and what identifies its weights. */
    public record Answerer(InferenceEngine engine, String model, String fingerprint) {}

    /** Answers a chat. */
    public void chat(Exchange exchange, Answerer by) throws Refused, InterruptedException {
        generate(exchange, reader.chat(JsonTree.object(exchange.body())), by);
    }

    /** Continues a text. */
    public void completion(Exchange exchange, Answerer by) throws Refused, InterruptedException {
        generate(exchange, reader.completion(JsonTree.object(exchange.body())), by);
    }

    /** Embeds texts. */
    public void embeddings(Exchange exchange, Answerer by) throws Refused {
        JsonTree body = JsonTree.object(exchange.body());
        String format = body.find("encoding_format", String.class).orElse("float");
        if (!format.equals("float") && !format.equals("base64")) {
            throw Refused.invalid("`encoding_format` must be `float` or `base64`");
        }
        try {
            var made = by.engine().embed(reader.embedding(body));
            byte[] answer = AnswerWriter.embeddings(by.model(), made, format.equals("base64"));
            exchange.respond(200, JSON, answer);
        } catch (EngineRefusal e) {
            throw Refused.of(e);
        } catch (EngineException e) {
            throw failed(e);
        }
    }

    /** Answers with an error. */
    public static void refuse(Exchange exchange, Refused refused) {
        Headers headers = refused.status() == 503 ? JSON.with("retry-after", "1") : JSON;
        exchange.respond(refused.status(), headers, AnswerWriter.error(refused));
    }

    private void generate(Exchange exchange, Asked asked, Answerer by)
            throws Refused, InterruptedException {
        TokenQueue queue = new TokenQueue();
        Generation generation;
        try {
            generation = by.engine().generate(asked.generation(), queue);
        } catch (EngineRefusal e) {
            throw Refused.of(e);
        } catch (EngineException e) {
            throw failed(e);
        }
        exchange.onClose(generation::cancel);
        AnswerWriter writer = new AnswerWriter(head(exchange, asked, by));
        try {
            if (asked.stream()) {
                stream(exchange, asked, queue, writer);
            } else {
                whole(exchange, asked, queue, writer);
            }
        } finally {
            generation.cancel();
        }
    }

    private AnswerWriter.Head head(Exchange exchange, Asked asked, Answerer by) {
        String id = exchange.headers().first("atlas-request-id").orElseGet(exchange::requestId);
        return new AnswerWriter.Head(
                (asked.chat() ? "chatcmpl-" : "cmpl-") + id,
                clock.instant().getEpochSecond(),
                by.model(),
                by.fingerprint(),
                asked.chat());
    }

    private static Refused failed(EngineException fault) {
        LOG.atError().setCause(fault).log("engine failed");
        return new Refused(502, "upstream_error", "the engine failed");
    }

    private static void whole(Exchange exchange, Asked asked, TokenQueue queue, AnswerWriter writer)
            throws Refused, InterruptedException {
        Utf8Stream characters = new Utf8Stream();
        StringBuilder text = new StringBuilder();
        List<Token> tokens = new ArrayList<>();
        while (true) {
            for (Heard heard : queue.next()) {
                switch (heard) {
                    case Heard.Piece piece -> {
                        text.append(characters.feed(piece.token().bytes()));
                        if (asked.logprobs()) {
                            tokens.add(piece.token());
                        }
                    }
                    case Heard.Failed failure -> throw failed(failure.fault());
                    case Heard.Ended end -> {
                        text.append(characters.finish());
                        byte[] body =
                                writer.whole(text.toString(), end.finish(), end.usage(), tokens);
                        exchange.respond(200, JSON, body);
                        return;
                    }
                }
            }
        }
    }

    private static void stream(
            Exchange exchange, Asked asked, TokenQueue queue, AnswerWriter writer)
            throws Refused, InterruptedException {
        // The head waits for the first word, so that an early failure still gets its own status.
        List<Heard> first = queue.next();
        if (first.getFirst() instanceof Heard.Failed failure) {
            throw failed(failure.fault());
        }
        try (BodyWriter out = exchange.stream(200, EVENTS)) {
            if (asked.chat()) {
                out.write(writer.opening());
            }
            Utf8Stream characters = new Utf8Stream();
            List<Heard> heard = first;
            while (tell(heard, characters, asked, writer, out)) {
                out.flush();
                heard = queue.next();
            }
        } catch (IOException e) {
            LOG.atDebug().log("client left during an answer");
        }
    }

    /** Writes what was heard; false after the end. */
    private static boolean tell(
            List<Heard> all,
            Utf8Stream characters,
            Asked asked,
            AnswerWriter writer,
            BodyWriter out)
            throws IOException {
        for (Heard heard : all) {
            switch (heard) {
                case Heard.Piece piece -> {
                    String text = characters.feed(piece.token().bytes());
                    List<Token> tokens = asked.logprobs() ? List.of(piece.token()) : List.of();
                    if (!text.isEmpty() || !tokens.isEmpty()) {
                        out.write(writer.piece(text, tokens));
                    }
                }
                case Heard.Failed failure -> {
                    out.write(AnswerWriter.failure(failed(failure.fault())));
                    return false;
                }
                case Heard.Ended end -> {
                    String rest = characters.finish();
                    if (!rest.isEmpty()) {
                        out.write(writer.piece(rest, List.of()));
                    }
                    out.write(writer.closing(end.finish(), end.usage()));
                    return false;
                }
            }
        }
        return true;
    }
}

package atlas.node.engine.embedded;

import atlas.node.engine.Capabilities;
import atlas.node.engine.Embeddings;
import atlas.node.engine.EngineException;
import atlas.node.engine.EngineHealth;
import atlas.node.engine.EngineRefusal;
import atlas.node.engine.EngineRefusal.Kind;
import atlas.node.engine.EngineSpec;
import atlas.node.engine.Generation;
import atlas.node.engine.GenerationRequest;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.Prompt;
import atlas.node.engine.TokenSink;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;

/** A model loaded by the embedded engine. */
final class EmbeddedInference implements InferenceEngine {
    private final LlamaModel model;
    private final Tokenizer tokenizer;
    private final Scheduler scheduler;
    private final int context;
    private final SecureRandom seeds = new SecureRandom();
    private final AtomicLong generated = new AtomicLong();

    EmbeddedInference(EngineSpec spec, LlamaModel model, Tokenizer tokenizer) {
        this.model = model;
        this.tokenizer = tokenizer;
        context = model.context;
        WarmUp warmUp = new WarmUp(model, tokenizer.size());
        warmUp.pass();
        scheduler = new Scheduler(model, spec.maxStreams(), spec.maxWaiting(), spec.alias());
        scheduler.start(warmUp);
    }

    @Override
    public Capabilities capabilities() {
        boolean embeds = model.shape.meanPooling();
        return new Capabilities(!embeds, embeds, true, false, context, "in-process", "verified");
    }

    @Override
    public Generation generate(GenerationRequest request, TokenSink sink) throws EngineRefusal {
        if (model.shape.meanPooling()) {
            throw new EngineRefusal(Kind.UNSUPPORTED, "this model makes embeddings, not text");
        }
        int[] prompt = tokens(request.prompt());
        if (prompt.length >= context) {
            throw tooLong("the prompt has " + prompt.length + " tokens");
        }
        GenerationTask task =
                new GenerationTask(
                        prompt,
                        request,
                        new Counted(sink),
                        tokenizer,
                        new Sampler(request.sampling(), seeds),
                        model.shape,
                        context);
        scheduler.submit(task);
        return task;
    }

    /** Counts what goes by, for the status page. */
    private final class Counted implements TokenSink {
        private final TokenSink sink;

        Counted(TokenSink sink) {
            this.sink = sink;
        }

        @Override
        public void token(Token token) {
            sink.token(token);
        }

        @Override
        public void finished(Finish finish, Usage usage) {
            generated.addAndGet(usage.completionTokens());
            sink.finished(finish, usage);
        }

        @Override
        public void failed(EngineException fault) {
            sink.failed(fault);
        }
    }

    private EngineRefusal tooLong(String what) {
        return new EngineRefusal(
                Kind.TOO_LONG, what + ", and the model's context holds " + context);
    }

    private int[] tokens(Prompt prompt) throws EngineRefusal {
        int[] tokens =
                switch (prompt) {
                    case Prompt.Text text -> {
                        requireShort(text.text().length());
                        yield tokenizer.encode(text.text());
                    }
                    case Prompt.Chat chat -> {
                        if (!tokenizer.canChat()) {
                            throw new EngineRefusal(
                                    Kind.UNSUPPORTED, "this model was not trained to chat");
                        }
                        requireShort(
                                chat.messages().stream().mapToLong(m -> m.text().length()).sum());
                        yield tokenizer.chat(chat.messages());
                    }
                };
        if (tokens.length == 0) {
            throw new EngineRefusal(Kind.INVALID, "there is no text to read");
        }
        return tokens;
    }

    /** Refuses before tokenizing what cannot fit however well it packs. */
    private void requireShort(long characters) throws EngineRefusal {
        if (characters / tokenizer.longestToken() > context) {
            throw tooLong("the text has " + characters + " characters");
        }
    }

    @Override
    public Embeddings embed(List<String> texts) throws EngineRefusal {
        if (!model.shape.meanPooling()) {
            throw new EngineRefusal(Kind.UNSUPPORTED, "this model makes text, not embeddings");
        }
        if (texts.isEmpty()) {
            throw new EngineRefusal(Kind.INVALID, "there is no text to embed");
        }
        List<int[]> tokens = new ArrayList<>();
        int total = 0;
        for (String text : texts) {
            int[] read = tokens(new Prompt.Text(text));
            if (read.length > context) {
                throw tooLong("a text has " + read.length + " tokens");
            }
            tokens.add(read);
            total += read.length;
        }
        EmbeddingTask task = new EmbeddingTask(tokens, model.shape);
        scheduler.submit(task);
        try {
            return new Embeddings(task.result.join(), total);
        } catch (CancellationException e) {
            throw new EngineRefusal(Kind.CLOSED, "the engine is closing");
        } catch (CompletionException e) {
            throw new EngineException("the embedded engine failed", e.getCause());
        }
    }

    @Override
    public int countTokens(Prompt prompt) throws EngineRefusal {
        return tokens(prompt).length;
    }

    @Override
    public EngineHealth health() {
        return new EngineHealth(
                scheduler.alive(),
                scheduler.active(),
                scheduler.waiting(),
                generated.get(),
                "embedded engine, kernels: " + model.kernels());
    }

    @Override
    public void close() {
        scheduler.close();
    }
}

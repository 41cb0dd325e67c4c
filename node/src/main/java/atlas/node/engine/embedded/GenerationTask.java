package atlas.node.engine.embedded;

import atlas.node.engine.EngineException;
import atlas.node.engine.Generation;
import atlas.node.engine.GenerationRequest;
import atlas.node.engine.TokenSink;
import atlas.node.engine.TokenSink.Finish;
import atlas.node.engine.TokenSink.Token;
import atlas.node.engine.TokenSink.Usage;
import java.util.List;

/** Continues a prompt until it ends, is full, or is called off. */
final class GenerationTask implements Task, Generation {
    private final int[] prompt;
    private final int limit;
    private final TokenSink sink;
    private final Tokenizer tokenizer;
    private final Sampler sampler;
    private final StopFilter stops;
    private final KvCache cache;
    private int read;
    private int next;
    private int generated;
    private volatile boolean cancelled;

    GenerationTask(
            int[] prompt,
            GenerationRequest request,
            TokenSink sink,
            Tokenizer tokenizer,
            Sampler sampler,
            LlamaShape shape,
            int context) {
        this.prompt = prompt;
        this.limit = Math.min(request.maxTokens(), context - prompt.length);
        this.sink = sink;
        this.tokenizer = tokenizer;
        this.sampler = sampler;
        this.stops = new StopFilter(request.stop());
        this.cache = new KvCache(shape, prompt.length + limit);
    }

    @Override
    public int due() {
        return Math.max(1, prompt.length - read);
    }

    @Override
    public void contribute(List<LlamaModel.Row> batch, int count) {
        if (read == prompt.length) {
            batch.add(new LlamaModel.Row(next, cache, true));
            return;
        }
        for (int i = 0; i < count; i++) {
            boolean last = read == prompt.length - 1;
            batch.add(new LlamaModel.Row(prompt[read++], cache, last));
        }
    }

    @Override
    public boolean advance(LlamaModel model, int first, int count, int[] at) {
        int logits = at[first + count - 1];
        if (logits < 0) {
            return false;
        }
        int token = sampler.next(model.logits(), logits, model.shape.vocabulary());
        if (tokenizer.ends(token)) {
            return finish(Finish.STOP);
        }
        generated++;
        next = token;
        byte[] bytes = stops.feed(tokenizer.bytes(token));
        sink.token(new Token(token, bytes, sampler.logprob()));
        if (stops.stopped()) {
            return finish(Finish.STOP);
        }
        return generated == limit && finish(Finish.LENGTH);
    }

    private boolean finish(Finish finish) {
        byte[] rest = stops.finish();
        if (rest.length > 0) {
            sink.token(new Token(-1, rest, Float.NaN));
        }
        cache.close();
        sink.finished(finish, new Usage(prompt.length, generated));
        return true;
    }

    /** Tokens made so far. */
    int generated() {
        return generated;
    }

    @Override
    public void cancel() {
        cancelled = true;
    }

    @Override
    public boolean cancelled() {
        return cancelled;
    }

    @Override
    public void stop() {
        finish(Finish.CANCELLED);
    }

    @Override
    public void fail(EngineException fault) {
        cache.close();
        sink.failed(fault);
    }
}

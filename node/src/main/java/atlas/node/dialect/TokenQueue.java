package atlas.node.dialect;

import atlas.node.engine.EngineException;
import atlas.node.engine.TokenSink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Takes an answer from the engine's thread and hands it to the request's own, so that a slow client
 * holds up nobody. What waits here is bounded by the answer's token limit.
 */
final class TokenQueue implements TokenSink {
    private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();

    /** Something the engine said. */
    sealed interface Heard {
        record Piece(Token token) implements Heard {}

        record Ended(Finish finish, Usage usage) implements Heard {}

        record Failed(EngineException fault) implements Heard {}
    }

    @Override
    public void token(Token token) {
        heard.add(new Heard.Piece(token));
    }

    @Override
    public void finished(Finish finish, Usage usage) {
        heard.add(new Heard.Ended(finish, usage));
    }

    @Override
    public void failed(EngineException fault) {
        heard.add(new Heard.Failed(fault));
    }

    /** Waits for something, then gives all there is, in order. */
    List<Heard> next() throws InterruptedException {
        List<Heard> all = new ArrayList<>();
        all.add(heard.take());
        heard.drainTo(all);
        return all;
    }
}

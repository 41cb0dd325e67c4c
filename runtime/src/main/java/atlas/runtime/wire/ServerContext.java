package atlas.runtime.wire;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** What all connections of one edge share. Thread-safe. */
public final class ServerContext {
    /** What becomes of a request that the edge refuses by itself. */
    public interface Refusals {
        /** The body of the answer. */
        byte[] render(BadMessage why, String path, String requestId);

        String mediaType();

        /** Told of each refusal, on the event loop; must not block. */
        void refused(Peer peer, BadMessage why, String path, String requestId);
    }

    final ServerLimits limits;
    final ServerCounters counters;
    final Refusals refusals;
    final Consumer<Call> dispatch;
    private final AtomicLong bodyBytes = new AtomicLong();
    private volatile boolean draining;

    /**
     * @param dispatch takes each complete request, on its event loop; must not block
     */
    public ServerContext(
            ServerLimits limits,
            ServerCounters counters,
            Refusals refusals,
            Consumer<Call> dispatch) {
        this.limits = limits;
        this.counters = counters;
        this.refusals = refusals;
        this.dispatch = dispatch;
    }

    boolean draining() {
        return draining;
    }

    /** From now on no connection takes a further request. */
    public void drain() {
        draining = true;
    }

    boolean reserveBody(long bytes) {
        if (bodyBytes.addAndGet(bytes) > limits.bodyBudget()) {
            bodyBytes.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void releaseBody(long bytes) {
        bodyBytes.addAndGet(-bytes);
    }

    /** Bytes of request bodies held now. */
    public long bodyBytes() {
        return bodyBytes.get();
    }

    /** Counts an exchange in; false when there are too many. */
    boolean enter() {
        if (counters.inFlight.incrementAndGet() > limits.maxInFlight()) {
            counters.inFlight.decrementAndGet();
            return false;
        }
        counters.requests.increment();
        return true;
    }

    void leave() {
        counters.inFlight.decrementAndGet();
    }
}

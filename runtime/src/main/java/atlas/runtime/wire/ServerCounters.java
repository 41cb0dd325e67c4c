package atlas.runtime.wire;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What an edge counts; safe from any thread. */
public final class ServerCounters {
    public final AtomicInteger open = new AtomicInteger();
    public final AtomicInteger inFlight = new AtomicInteger();
    public final LongAdder accepted = new LongAdder();
    public final LongAdder turnedAway = new LongAdder();
    public final LongAdder handshakesFailed = new LongAdder();
    public final LongAdder requests = new LongAdder();
    public final LongAdder refused = new LongAdder();
    public final LongAdder aborted = new LongAdder();
    public final LongAdder timedOut = new LongAdder();
    public final LongAdder floods = new LongAdder();

    public ServerCounters() {}
}

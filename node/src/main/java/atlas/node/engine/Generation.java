package atlas.node.engine;

/** A request under way. */
public interface Generation {
    /** Ends it soon; the sink still hears {@code finished}, once. Idempotent. */
    void cancel();
}

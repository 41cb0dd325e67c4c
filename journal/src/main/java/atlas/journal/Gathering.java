package atlas.journal;

/**
 * How many entries the committer waits for before it pays for an fsync, after the example of
 * PostgreSQL's {@code commit_delay} and {@code commit_siblings}, but with the siblings counted
 * instead of configured: as many as the last commits saw at once, which is those that were made
 * durable together and those that came meanwhile. Never for anybody when a writer was alone. A
 * count that does not come together in time is halved towards what came, so that two writers who
 * met by chance cost one wait. Belongs to the committer's thread.
 */
final class Gathering {
    /** The longest wait; about what a commit and its wake-ups cost on a busy machine. */
    static final long MOST_NANOS = 500_000;

    private int company = 1;

    /** How many entries to wait for when so many are queued; 0 to commit now. */
    int awaited(int queued) {
        return queued > 0 && queued < company ? company : 0;
    }

    /**
     * Learns from a commit.
     *
     * @param together entries made durable by it
     * @param behind entries that were queued when it ended
     */
    void committed(int together, int behind) {
        int seen = together + behind;
        company = seen >= company ? seen : (company + seen) / 2;
    }
}

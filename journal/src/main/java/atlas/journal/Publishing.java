package atlas.journal;

import java.util.concurrent.CompletableFuture;

/** Brings durable entries under signed checkpoints, on a thread of its own; runs until stopped. */
interface Publishing extends Runnable {

    /** Called by the committer after every batch. */
    void appended(long size);

    /** Completes once a checkpoint covers everything durable now. */
    CompletableFuture<Checkpoint> request();

    /** Ends the thread after one last checkpoint. */
    void stop();

    /** Tells those who wait for a checkpoint that there will be none. */
    void fail(Throwable cause);
}

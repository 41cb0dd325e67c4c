package atlas.journal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the clock and at the volume on behalf of those who wait: refuses entries whose deadline
 * has passed, and all of them when there is no room, no progress or no journal.
 */
final class Watchdog implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    private final JournalConfig config;
    private final Intake intake;
    private final Standing standing;
    private final Committer committer;
    private final Ground ground;
    private final CountDownLatch stopped = new CountDownLatch(1);

    Watchdog(JournalConfig config, Committer committer, Intake intake, Ground ground) {
        this.config = config;
        this.committer = committer;
        this.intake = intake;
        this.standing = ground.standing();
        this.ground = ground;
    }

    void stop() {
        stopped.countDown();
    }

    @Override
    public void run() {
        long tick = Math.clamp(config.deadline().toMillis() / 4, 1, 50);
        try {
            do {
                look();
            } while (!stopped.await(tick, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One look; also made once, at once, when the journal fails. */
    void look() {
        Throwable failure = standing.failure();
        if (failure != null) {
            refuseAll("the journal failed: " + failure.getMessage());
            return;
        }
        measure();
        long now = System.nanoTime();
        List<Pending> late = new ArrayList<>();
        for (Pending pending : intake.waiting()) {
            if (pending.overdue(now) && pending.claim()) {
                late.add(pending);
            }
        }
        for (Pending pending : committer.inHand()) {
            if (pending.overdue(now)) {
                late.add(pending);
            }
        }
        long millis = config.deadline().toMillis();
        refuse(late, "the journal did not record it within " + millis + " ms");
    }

    private void measure() {
        try {
            standing.freeBytes = ground.usable();
            boolean full = standing.freeBytes < config.reserveBytes();
            if (full != standing.full) {
                LOG.atWarn()
                        .addKeyValue("free_bytes", standing.freeBytes)
                        .log(full ? "journal volume is full" : "journal volume has room again");
            }
            standing.full = full;
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("free space of the journal volume is not known");
        }
        standing.behind = ground.behind();
    }

    private void refuseAll(String why) {
        List<Pending> all = new ArrayList<>(intake.waiting());
        all.removeIf(pending -> !pending.claim());
        all.addAll(committer.inHand());
        refuse(all, why);
    }

    /** Refuses on another thread: what hangs on a future may do anything. */
    private static void refuse(List<Pending> refused, String why) {
        if (!refused.isEmpty()) {
            Thread.startVirtualThread(() -> refused.forEach(pending -> pending.refuse(why)));
        }
    }
}

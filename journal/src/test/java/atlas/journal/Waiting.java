package atlas.journal;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what real peers take their time for. */
final class Waiting {
    private static final long PATIENCE_NANOS = 120_000_000_000L;

    private Waiting() {}

    static void until(BooleanSupplier holds, Supplier<String> seen) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain; last seen: " + seen.get());
            }
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
    }
}

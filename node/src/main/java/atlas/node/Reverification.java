package atlas.node;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.registry.FileRecord;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps verifying what runs: from time to time every file of every loaded model is hashed again,
 * where it lies in memory, and a model that is not what was signed any more is taken out of
 * service. One thread of low priority; requests do not wait for it.
 */
final class Reverification implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reverification.class);
    private static final int SLICE_BYTES = 1 << 20;

    private final ScheduledExecutorService timer;

    private Reverification(ScheduledExecutorService timer) {
        this.timer = timer;
    }

    static Reverification start(LoadJourney models, Duration every) {
        ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(work -> {
                    Thread thread = new Thread(work, "atlas-reverify");
                    thread.setDaemon(true);
                    thread.setPriority(Thread.MIN_PRIORITY);
                    return thread;
                });
        long millis = every.toMillis();
        var _ =
                timer.scheduleWithFixedDelay(
                        () -> round(models), millis, millis, TimeUnit.MILLISECONDS);
        return new Reverification(timer);
    }

    /** Looks at every model once. */
    static void round(LoadJourney models) {
        for (LoadedModel model : models.loaded()) {
            try {
                difference(model)
                        .ifPresent(file ->
                                models.withdraw(
                                        model,
                                        "`"
                                                + file
                                                + "` in memory is not what was signed any more"));
            } catch (IllegalStateException e) {
                // Unloaded meanwhile: its memory is gone, and with it the question.
                LOG.atDebug().addKeyValue("model", model.ref()).log("unloaded while verified");
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).addKeyValue("model", model.ref()).log("not verified");
            }
        }
    }

    private static Optional<String> difference(LoadedModel model) {
        for (FileRecord file : model.version().files()) {
            if (!digest(model.opened().file(file.name())).equals(file.sha256())) {
                return Optional.of(file.name());
            }
        }
        return Optional.empty();
    }

    private static Digest digest(MemorySegment bytes) {
        MessageDigest sha256 = Hashes.sha256();
        for (long at = 0; at < bytes.byteSize(); at += SLICE_BYTES) {
            long length = Math.min(SLICE_BYTES, bytes.byteSize() - at);
            sha256.update(bytes.asSlice(at, length).asByteBuffer());
        }
        return Digest.of(sha256.digest());
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}

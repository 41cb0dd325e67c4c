package atlas.runtime.svid;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files whose content is looked at again and again. By content, not by time stamp: whoever rotates
 * them may rename, link or write in place. What cannot be used is told once, and what was in force
 * stays.
 */
final class WatchedFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFiles.class);

    private final List<Path> files;
    private final Runnable changed;
    private final ScheduledExecutorService timer;
    private Digest seen;

    /**
     * @param changed takes the new content up; throws {@link SvidException} to leave all as it was
     */
    WatchedFiles(List<Path> files, Duration every, Runnable changed) {
        this.files = List.copyOf(files);
        this.changed = changed;
        this.seen = digest();
        changed.run();
        timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("identity-files").factory());
        long millis = every.toMillis();
        timer.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
    }

    /** Looks now. */
    synchronized void look() {
        try {
            Digest now = digest();
            if (!now.equals(seen)) {
                seen = now;
                changed.run();
            }
        } catch (SvidException e) {
            LOG.atError()
                    .addKeyValue("why", e.getMessage())
                    .log("changed identity files not taken up; those before stay in force");
        } catch (RuntimeException e) {
            // A timer forgets what throws, and these files would never be looked at again.
            LOG.atError().setCause(e).log("changed identity files not taken up");
        }
    }

    private Digest digest() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Path file : files) {
            all.writeBytes(
                    Hashes.sha256(bytes(file))
                            .hex()
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        return Hashes.sha256(all.toByteArray());
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new SvidException("`" + file + "` cannot be read", e);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}

package atlas.control.trust;

import atlas.core.AuditEvent.KeyUsed;
import atlas.core.AuditLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the vault's key uses to the journal, in order. The journal itself needs a key of the vault,
 * so what happens before it is open waits here and is recorded first.
 *
 * <p>Never blocks the vault, which is held while it tells: whoever is writing to the journal may
 * hold that and be waiting for a key. A thread of its own does the telling.
 */
public final class KeyUseRecorder implements Consumer<KeyUsed>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyUseRecorder.class);
    private static final long PATIENCE_SECONDS = 10;

    private final List<KeyUsed> waiting = new ArrayList<>();
    private final ExecutorService teller =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("key-uses").factory());

    private @Nullable AuditLog journal;

    @Override
    public void accept(KeyUsed use) {
        AuditLog open;
        synchronized (this) {
            open = journal;
            if (open == null) {
                waiting.add(use);
                return;
            }
        }
        try {
            teller.execute(() -> submit(open, use));
        } catch (RejectedExecutionException e) {
            lost(use);
        }
    }

    private static void submit(AuditLog open, KeyUsed use) {
        try {
            open.submit(use)
                    .whenComplete((_, failure) -> {
                        if (failure != null) {
                            lost(use);
                        }
                    });
        } catch (RuntimeException e) {
            lost(use);
        }
    }

    private static void lost(KeyUsed use) {
        LOG.atError()
                .addKeyValue("key", use.key())
                .addKeyValue("act", use.act())
                .log("key use not journaled");
    }

    /** Records what waited, durably, and everything from now on. */
    public void connect(AuditLog opened) {
        List<KeyUsed> before;
        synchronized (this) {
            before = List.copyOf(waiting);
            waiting.clear();
            journal = opened;
        }
        // Outside the lock: the journal's writer may come back here for its key.
        before.forEach(opened::append);
    }

    /** Hands on what is still to be told; to be closed before the journal is. */
    @Override
    public void close() {
        teller.shutdown();
        try {
            if (!teller.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                teller.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package atlas.control.trust;

import atlas.core.AuditEvent.KeyUsed;
import atlas.core.AuditLog;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the vault's key uses to the journal. The journal itself needs a key of the vault, so what
 * happens before it is open waits here and is recorded first.
 *
 * <p>Never blocks the vault: the journal's own writer may be the one asking for a key.
 */
public final class KeyUseRecorder implements Consumer<KeyUsed> {
    private static final Logger LOG = LoggerFactory.getLogger(KeyUseRecorder.class);

    private final List<KeyUsed> waiting = new ArrayList<>();

    /**
     * What the vault did for the journal while it was being told of something: sealing the one
     * entry may need the key that the other speaks of.
     */
    private final ThreadLocal<@Nullable List<KeyUsed>> telling = new ThreadLocal<>();

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
        List<KeyUsed> later = telling.get();
        if (later != null) {
            later.add(use);
            return;
        }
        telling.set(new ArrayList<>());
        try {
            submit(open, use);
            List<KeyUsed> meanwhile = telling.get();
            for (int i = 0; meanwhile != null && i < meanwhile.size(); i++) {
                submit(open, meanwhile.get(i));
            }
        } finally {
            telling.remove();
        }
    }

    private static void submit(AuditLog open, KeyUsed use) {
        open.submit(use)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOG.atError()
                                .addKeyValue("key", use.key())
                                .addKeyValue("act", use.act())
                                .log("key use not journaled");
                    }
                });
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
}

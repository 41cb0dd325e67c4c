package atlas.control.trust;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.KeyUsed;
import atlas.core.AuditLog;
import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class KeyUseRecorderTest {
    private static final Digest ANY = Hashes.sha256(new byte[0]);

    /** A journal that holds a lock of its own while it seals. */
    private static final class Locked implements AuditLog {
        private final ReentrantLock own = new ReentrantLock();
        private final List<String> entries = new CopyOnWriteArrayList<>();

        @Override
        public CompletableFuture<Receipt> submit(AuditEvent event) {
            own.lock();
            try {
                entries.add(((KeyUsed) event).key());
                return CompletableFuture.completedFuture(new Receipt(entries.size(), ANY));
            } finally {
                own.unlock();
            }
        }
    }

    private static KeyUsed use(String key) {
        return new KeyUsed(Actor.system("vault"), "released", key, 1, "", "file:kek");
    }

    @Test
    void whatHappensBeforeTheJournalIsOpenIsRecordedFirst() {
        Locked journal = new Locked();
        try (KeyUseRecorder recorder = new KeyUseRecorder()) {
            recorder.accept(use("one"));
            recorder.accept(use("two"));
            recorder.connect(journal);
            recorder.accept(use("three"));
        }
        assertThat(journal.entries).containsExactly("one", "two", "three");
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void theVaultIsNotKeptWaitingByAWriterThatWaitsForItsKey() throws Exception {
        Locked journal = new Locked();
        try (KeyUseRecorder recorder = new KeyUseRecorder()) {
            recorder.connect(journal);
            Object vault = new Object();
            journal.own.lock();
            Thread telling =
                    Thread.ofPlatform()
                            .daemon()
                            .start(() -> {
                                synchronized (vault) {
                                    recorder.accept(use("told"));
                                }
                            });
            telling.join();
            synchronized (vault) {
                journal.own.unlock();
            }
        }
        assertThat(journal.entries).containsExactly("told");
    }
}

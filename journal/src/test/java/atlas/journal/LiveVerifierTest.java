package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the verifier says of a journal while another thread writes it. */
class LiveVerifierTest {
    @TempDir Path home;

    private Verification verify() {
        return JournalVerifier.verify(home.resolve("journal"), Optional.empty());
    }

    @Test
    void holdsAtEveryMomentWhileSegmentsAndCheckpointsCome() throws Exception {
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            writing(
                    50,
                    () -> {
                        Journals.fill(journal, 13);
                        journal.append(Facts.act("alice", "req_big", 9_000));
                        journal.checkpointNow();
                    });
        }
        assertThat(verify()).isInstanceOf(Verification.Holds.class);
    }

    @Test
    void holdsAtEveryMomentWhileCheckpointsAreRareAndSegmentsFull() throws Exception {
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            writing(
                    5,
                    () -> {
                        for (int i = 0; i < 20; i++) {
                            Journals.fill(journal, 60);
                        }
                        journal.checkpointNow();
                    });
        }
    }

    @Test
    void holdsAtEveryMomentWhileTheJournalIsOpenedAndClosed() throws Exception {
        Journals.open(home, Clock.systemUTC()).close();
        writing(
                10,
                () -> {
                    try (Journal journal = Journals.open(home, Clock.systemUTC())) {
                        Journals.fill(journal, 5);
                    }
                });
    }

    /** Verifies again and again while a thread does this so many times. */
    private void writing(int times, Runnable act) throws InterruptedException {
        AtomicInteger done = new AtomicInteger();
        Thread writer =
                Thread.ofPlatform()
                        .start(() -> {
                            for (int i = 0; i < times; i++) {
                                act.run();
                                done.incrementAndGet();
                            }
                        });
        long before = 0;
        do {
            Verification verification = verify();
            assertThat(verification).isInstanceOf(Verification.Holds.class);
            long size = ((Verification.Holds) verification).size();
            assertThat(size).isGreaterThanOrEqualTo(before);
            before = size;
        } while (writer.isAlive());
        writer.join();
        assertThat(done).hasValue(times);
    }
}

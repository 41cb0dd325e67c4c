package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.journal.search.Terms;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class GatheringTest {
    private static final long A_MINUTE = 60_000_000_000L;

    private static Pending entry(int number) {
        return new Pending(
                Facts.act(number),
                Terms.none(0),
                new byte[Envelope.ID_BYTES],
                Instant.EPOCH,
                new Pending.Payload("2026-11/1", Envelope.NO_COMMITMENT, new byte[1], 1, false, 1),
                Long.MAX_VALUE);
    }

    @Test
    void nobodyIsWaitedForUntilTwoWereSeenAtOnce() {
        Gathering gathering = new Gathering();
        for (int i = 0; i < 10; i++) {
            assertThat(gathering.awaited(1)).isZero();
            gathering.committed(1, 0);
        }
        gathering.committed(1, 1);
        assertThat(gathering.awaited(0)).isZero();
        assertThat(gathering.awaited(1)).isEqualTo(2);
        assertThat(gathering.awaited(2)).isZero();
    }

    @Test
    void aChanceMeetingCostsOneWait() {
        Gathering gathering = new Gathering();
        gathering.committed(2, 0);
        assertThat(gathering.awaited(1)).isEqualTo(2);
        gathering.committed(1, 0);
        assertThat(gathering.awaited(1)).isZero();
    }

    @Test
    void asManyAreWaitedForAsAreAbout() {
        Gathering gathering = new Gathering();
        gathering.committed(5, 11);
        assertThat(gathering.awaited(3)).isEqualTo(16);
        gathering.committed(16, 0);
        assertThat(gathering.awaited(15)).isEqualTo(16);
    }

    @Test
    void aCrowdThatHasLeftIsForgottenWithinAFewCommits() {
        Gathering gathering = new Gathering();
        gathering.committed(4096, 0);
        int commits = 0;
        while (gathering.awaited(1) > 0) {
            gathering.committed(1, 0);
            commits++;
        }
        assertThat(commits).isEqualTo(12);
    }

    @Test
    void theCommitterWakesWhenAllWhomItWaitsForAreThere() {
        Intake intake = new Intake(8);
        intake.put(entry(0));
        CompletableFuture<Integer> seen =
                CompletableFuture.supplyAsync(() -> {
                    intake.await(3, A_MINUTE);
                    return intake.queued();
                });
        intake.put(entry(1));
        intake.put(entry(2));
        assertThat(seen.join()).isEqualTo(3);
        assertThat(intake.poll()).isNotNull();
        assertThat(intake.queued()).isEqualTo(2);
    }

    @Test
    void theCommitterStopsWaitingWhenItIsCalled() {
        Intake intake = new Intake(8);
        intake.put(entry(0));
        CompletableFuture<Integer> seen =
                CompletableFuture.supplyAsync(() -> {
                    intake.await(3, A_MINUTE);
                    return intake.queued();
                });
        intake.wake();
        assertThat(seen.join()).isEqualTo(1);
    }

    @Test
    void theCommitterWaitsNoLongerThanItWasTold() {
        Intake intake = new Intake(8);
        intake.put(entry(0));
        intake.await(3, 1);
        assertThat(intake.queued()).isEqualTo(1);
    }
}

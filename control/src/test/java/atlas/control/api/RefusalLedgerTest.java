package atlas.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.AccessRefusals;
import atlas.core.AuditEvent.AccessRefused;
import atlas.core.AuditLog;
import atlas.core.AuditUnavailableException;
import atlas.core.crypto.Hashes;
import atlas.runtime.http.RefusedHttp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class RefusalLedgerTest {
    private static final Instant START = Instant.parse("2026-11-23T12:00:00Z");

    private Instant now = START;
    private final Clock clock = ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
    private final List<AuditEvent> taken = new ArrayList<>();
    private boolean refuses;
    private final AuditLog journal = this::submit;
    private final RefusalLedger ledger = new RefusalLedger(journal, clock);

    private CompletableFuture<AuditLog.Receipt> submit(AuditEvent event) {
        if (refuses) {
            return CompletableFuture.failedFuture(new AuditUnavailableException("away", null));
        }
        taken.add(event);
        return CompletableFuture.completedFuture(
                new AuditLog.Receipt(taken.size() - 1L, Hashes.sha256("leaf")));
    }

    private void refused(int times) {
        for (int i = 0; i < times; i++) {
            ledger.refused(new RefusedHttp("req_" + i, "192.0.2." + i % 7, "/", "bad_host", ""));
        }
    }

    private void minutes(int passed) {
        now = now.plus(Duration.ofMinutes(passed));
        ledger.roll();
    }

    private <T> List<T> of(Class<T> kind) {
        return taken.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Test
    void recordsTheFirstOfAMinuteAndCountsTheRest() {
        refused(25);
        minutes(1);

        assertThat(of(AccessRefused.class)).hasSize(20);
        assertThat(of(AccessRefusals.class))
                .containsExactly(new AccessRefusals(START, now, Map.of("bad_host", 5L), 5));
    }

    @Test
    void keepsEveryCountUntilTheJournalTakesIt() {
        refuses = true;
        refused(50);
        minutes(1);
        refused(3);
        minutes(1);
        assertThat(taken).isEmpty();

        refuses = false;
        minutes(1);

        assertThat(taken)
                .containsExactly(new AccessRefusals(START, now, Map.of("bad_host", 53L), 7));
        minutes(1);
        assertThat(taken).hasSize(1);
    }

    @Test
    void recordsWhatIsLeftWhenItEnds() {
        refused(21);
        ledger.close();

        assertThat(of(AccessRefusals.class))
                .containsExactly(new AccessRefusals(START, START, Map.of("bad_host", 1L), 1));
    }

    /** A journal that takes its time holds up its own caller, and nobody else. */
    @Test
    void nobodyWaitsForTheJournalOfAnother() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AuditLog slow =
                event -> {
                    inside.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return submit(event);
                };
        RefusalLedger held = new RefusalLedger(slow, clock);
        RefusedHttp refusal = new RefusedHttp("req", "192.0.2.1", "/", "bad_host", "");
        Thread first = Thread.ofVirtual().start(() -> held.refused(refusal));
        inside.await();
        Thread second = Thread.ofVirtual().start(held::roll);

        assertThat(second.join(Duration.ofSeconds(60))).isTrue();
        goOn.countDown();
        assertThat(first.join(Duration.ofSeconds(60))).isTrue();
    }
}

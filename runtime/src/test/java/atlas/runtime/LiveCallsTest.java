package atlas.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.runtime.LiveCalls.LiveCall;
import atlas.runtime.LiveCalls.Rounds;
import atlas.runtime.LiveCalls.Verdict;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LiveCallsTest {
    private static final Duration NEVER = Duration.ofDays(1);
    private static final Instant FAR = Instant.MAX;

    private LiveCalls calls = with(new Rounds(NEVER, NEVER, NEVER));

    private static LiveCalls with(Rounds rounds) {
        return new LiveCalls("live-test", rounds, Clock.systemUTC());
    }

    @AfterEach
    void close() {
        calls.close();
    }

    /** A call that says what it is told to say. */
    private static final class Told implements LiveCall {
        private volatile Supplier<Verdict> verdict;
        private final Instant until;
        private final AtomicInteger asked = new AtomicInteger();
        private final CompletableFuture<String> end = new CompletableFuture<>();

        Told(Verdict verdict, Instant until) {
            this.verdict = () -> verdict;
            this.until = until;
        }

        @Override
        public Verdict verdict() {
            asked.incrementAndGet();
            return verdict.get();
        }

        @Override
        public Instant until() {
            return until;
        }

        @Override
        public void fall(String reason) {
            end.complete("fell: " + reason);
        }

        @Override
        public void doubt(String what) {
            end.complete("doubt: " + what);
        }

        String ended() throws Exception {
            return end.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void endsWhatStandsNoMoreAndLeavesTheOthers() throws Exception {
        Told good = new Told(new Verdict.Stands(), FAR);
        Told bad = new Told(new Verdict.Falls("key_revoked"), FAR);
        calls.enter(calls.epoch(), good);
        calls.enter(calls.epoch(), bad);
        assertThat(bad.asked).as("nobody asks without a reason").hasValue(0);

        calls.changed();

        assertThat(bad.ended()).isEqualTo("fell: key_revoked");
        assertThat(good.end).isNotDone();
        assertThat(calls.ended()).isEqualTo(1);
        assertThat(calls.size()).isEqualTo(2);
    }

    @Test
    void endsACallOnce() throws Exception {
        AtomicInteger falls = new AtomicInteger();
        Told again = new Told(new Verdict.Falls("no"), FAR);
        calls.enter(
                calls.epoch(),
                new LiveCall() {
                    @Override
                    public Verdict verdict() {
                        return new Verdict.Falls("no");
                    }

                    @Override
                    public Instant until() {
                        return FAR;
                    }

                    @Override
                    public void fall(String reason) {
                        falls.incrementAndGet();
                    }

                    @Override
                    public void doubt(String what) {
                        falls.incrementAndGet();
                    }
                });
        calls.changed();
        calls.enter(calls.epoch(), again);
        calls.changed();
        again.ended();
        assertThat(falls).hasValue(1);
    }

    @Test
    void missesNoChangeThatCameBeforeTheEntry() throws Exception {
        long began = calls.epoch();
        Told late = new Told(new Verdict.Falls("grant removed"), FAR);

        calls.changed();
        // The round of that change is over before the call enters.
        Told witness = new Told(new Verdict.Falls("seen"), FAR);
        calls.enter(began, witness);
        witness.ended();

        calls.enter(began, late);
        assertThat(late.ended()).isEqualTo("fell: grant removed");
    }

    @Test
    void missesNothingWhenEverythingHappensAtOnce() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            AtomicReference<Verdict> truth = new AtomicReference<>(new Verdict.Stands());
            long began = calls.epoch();
            Told call = new Told(new Verdict.Stands(), FAR);
            call.verdict = () -> Objects.requireNonNull(truth.get());
            CountDownLatch both = new CountDownLatch(1);
            int spin = random.nextInt(2000);
            Thread change =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    both.await();
                                } catch (InterruptedException e) {
                                    return;
                                }
                                for (int n = 0; n < spin; n++) {
                                    Thread.onSpinWait();
                                }
                                truth.set(new Verdict.Falls("now"));
                                calls.changed();
                            });
            both.countDown();
            try (LiveCalls.Entry entry = calls.enter(began, call)) {
                assertThat(entry).isNotNull();
                assertThat(call.ended()).as("seed %d, round %d", seed, i).isEqualTo("fell: now");
            }
            change.join();
        }
    }

    @Test
    void asksAFewTimesHoweverManyChangesComeAtOnce() throws Exception {
        CountDownLatch asking = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Told slow = new Told(new Verdict.Stands(), FAR);
        slow.verdict =
                () -> {
                    asking.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return new Verdict.Stands();
                };
        calls.enter(calls.epoch(), slow);
        calls.changed();
        asking.await();
        for (int i = 0; i < 10_000; i++) {
            calls.changed();
        }
        goOn.countDown();
        Told last = new Told(new Verdict.Falls("seen"), FAR);
        calls.enter(calls.epoch() - 1, last);
        last.ended();
        assertThat(slow.asked.get()).isBetween(2, 4);
    }

    @Test
    void oneWhoseQuestionEndsInAnErrorKeepsNobodyFromBeingAsked() throws Exception {
        Told broken = new Told(new Verdict.Stands(), FAR);
        broken.verdict =
                () -> {
                    throw new StackOverflowError();
                };
        calls.enter(calls.epoch(), broken);
        calls.changed();
        Told next = new Told(new Verdict.Falls("seen"), FAR);
        calls.enter(calls.epoch() - 1, next);
        assertThat(next.ended()).isEqualTo("fell: seen");
        calls.changed();
        Told afterwards = new Told(new Verdict.Falls("seen"), FAR);
        calls.enter(calls.epoch() - 1, afterwards);
        assertThat(afterwards.ended()).isEqualTo("fell: seen");
        assertThat(broken.end).isNotDone();
    }

    @Test
    void asksNobodyWhoHasLeft() throws Exception {
        Told gone = new Told(new Verdict.Falls("no"), FAR);
        calls.enter(calls.epoch(), gone).close();
        Told there = new Told(new Verdict.Falls("no"), FAR);
        calls.enter(calls.epoch(), there);
        calls.changed();
        there.ended();
        assertThat(gone.asked).hasValue(0);
        assertThat(calls.size()).isEqualTo(1);
    }

    @Test
    void asksWhoseTimeIsUpWithoutBeingTold() throws Exception {
        calls.close();
        calls = with(new Rounds(Duration.ofMillis(5), NEVER, NEVER));
        Told lasting = new Told(new Verdict.Falls("never asked"), FAR);
        Told expired = new Told(new Verdict.Falls("credential_expired"), Instant.now());
        calls.enter(calls.epoch(), lasting);
        calls.enter(calls.epoch(), expired);
        assertThat(expired.ended()).isEqualTo("fell: credential_expired");
        assertThat(lasting.asked).hasValue(0);
    }

    @Test
    void asksEverybodyNowAndThen() throws Exception {
        calls.close();
        calls = with(new Rounds(Duration.ofMillis(5), Duration.ofMillis(10), NEVER));
        Told call = new Told(new Verdict.Falls("changed in silence"), FAR);
        calls.enter(calls.epoch(), call);
        assertThat(call.ended()).isEqualTo("fell: changed in silence");
    }

    @Test
    void bearsNotKnowingForAWhileAndNoLonger() throws Exception {
        calls.close();
        AtomicLong nanos = new AtomicLong();
        Rounds rounds = new Rounds(Duration.ofMillis(5), NEVER, Duration.ofSeconds(10));
        calls = new LiveCalls("live-test", rounds, Clock.systemUTC(), nanos::get);
        Told doubtful = new Told(new Verdict.Unsure("key store"), FAR);
        CountDownLatch askedAgain = new CountDownLatch(3);
        doubtful.verdict =
                () -> {
                    askedAgain.countDown();
                    return new Verdict.Unsure("key store");
                };
        calls.enter(calls.epoch(), doubtful);
        calls.changed();
        askedAgain.await();
        assertThat(doubtful.end).as("patience is not over").isNotDone();

        nanos.set(Duration.ofSeconds(10).toNanos());
        assertThat(doubtful.ended()).isEqualTo("doubt: key store");
    }

    @Test
    void forgetsADoubtThatWasCleared() throws Exception {
        calls.close();
        calls = with(new Rounds(Duration.ofMillis(5), NEVER, NEVER));
        List<Verdict> said = new ArrayList<>();
        said.add(new Verdict.Unsure("key store"));
        said.add(new Verdict.Stands());
        Told call = new Told(new Verdict.Stands(), FAR);
        CompletableFuture<String> cleared = new CompletableFuture<>();
        call.verdict =
                () -> {
                    Verdict next = said.isEmpty() ? new Verdict.Stands() : said.removeFirst();
                    if (next instanceof Verdict.Stands) {
                        cleared.complete("");
                    }
                    return next;
                };
        calls.enter(calls.epoch(), call);
        calls.changed();
        cleared.get(10, TimeUnit.SECONDS);
        assertThat(call.end).isNotDone();
    }

    @Test
    void aFaultIsNotANo() throws Exception {
        Told broken = new Told(new Verdict.Stands(), FAR);
        broken.verdict =
                () -> {
                    throw new IllegalStateException("the store is away");
                };
        Told other = new Told(new Verdict.Falls("no"), FAR);
        calls.enter(calls.epoch(), broken);
        calls.enter(calls.epoch(), other);
        calls.changed();
        assertThat(other.ended()).isEqualTo("fell: no");
        assertThat(broken.end).isNotDone();
    }
}

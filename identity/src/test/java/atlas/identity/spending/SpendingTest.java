package atlas.identity.spending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.identity.KeyLimits;
import atlas.identity.KeyLimits.Allowance;
import atlas.identity.StoreUnavailableException;
import atlas.identity.spending.Spending.Outcome;
import atlas.identity.spending.Spending.Outcome.Exhausted;
import atlas.identity.spending.Spending.Outcome.Granted;
import atlas.identity.spending.Spending.Outcome.TooLarge;
import atlas.identity.spending.Spending.Outcome.TooOften;
import atlas.identity.spending.Spending.Reservation;
import atlas.identity.spending.Spending.Spent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SpendingTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final String KEY = "aaaaaaaaaaaaaaaa";

    private final AtomicLong offset = new AtomicLong();
    private final Clock clock =
            new Clock() {
                @Override
                public Instant instant() {
                    return NOON.plusNanos(offset.get());
                }

                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }
            };
    private final Spending.Store store = Spending.Store.memory();
    private Spending spending = new Spending(store, clock);

    private void pass(Duration time) {
        offset.addAndGet(time.toNanos());
    }

    private static KeyLimits tokens(String allowance) {
        return new KeyLimits(List.of(), Optional.of(Allowance.parse(allowance)), Optional.empty());
    }

    private static KeyLimits requests(String allowance) {
        return new KeyLimits(List.of(), Optional.empty(), Optional.of(Allowance.parse(allowance)));
    }

    private Reservation granted(KeyLimits limits, long tokens) {
        Outcome outcome = spending.reserve(KEY, limits, tokens, tokens);
        assertThat(outcome).isInstanceOf(Granted.class);
        return ((Granted) outcome).reservation();
    }

    @Test
    void aKeyWithoutLimitsCostsTheStoreNothing() {
        Spending without =
                new Spending(
                        new Spending.Store() {
                            @Override
                            public Optional<Spent> find(String keyId) {
                                throw new AssertionError("asked");
                            }

                            @Override
                            public void put(String keyId, Spent spent) {
                                throw new AssertionError("written");
                            }
                        },
                        clock);
        assertThat(without.reserve(KEY, KeyLimits.NONE, 1_000_000, 1_000_000))
                .isInstanceOf(Granted.class);
    }

    @Test
    void refusesWhatIsNotLeftAndSaysWhenThereIsMore() {
        KeyLimits limits = tokens("1000/24h");
        granted(limits, 600).settle(600);
        Exhausted refused = (Exhausted) spending.reserve(KEY, limits, 500, 500);
        assertThat(refused.left()).isEqualTo(400);
        assertThat(refused.renews()).isEqualTo(Instant.parse("2026-11-25T00:00:00Z"));
        granted(limits, 400).settle(400);
        assertThat(spending.reserve(KEY, limits, 1, 1)).isInstanceOf(Exhausted.class);
        pass(Duration.ofHours(12));
        granted(limits, 1000);
    }

    @Test
    void countsWhatWasUsedAndNotWhatWasHeld() {
        KeyLimits limits = tokens("1000/24h");
        granted(limits, 900).settle(50);
        granted(limits, 900).settle(50);
        assertThat(((Exhausted) spending.reserve(KEY, limits, 901, 901)).left()).isEqualTo(900);
    }

    @Test
    void settlesOnce() {
        KeyLimits limits = tokens("1000/24h");
        Reservation held = granted(limits, 100);
        held.settle(10);
        held.settle(0);
        held.settle(900);
        granted(limits, 990);
    }

    @Test
    void holdsWhatIsLeftWhenTheRequestDoesNotSayHowMuchItTakes() {
        KeyLimits limits = tokens("1000/24h");
        assertThat(((Granted) spending.reserve(KEY, limits, 10, 700)).reservation().tokens())
                .isEqualTo(700);
        assertThat(((Granted) spending.reserve(KEY, limits, 10, 700)).reservation().tokens())
                .isEqualTo(300);
        assertThat(spending.reserve(KEY, limits, 10, 700)).isInstanceOf(Exhausted.class);
    }

    @Test
    void takesAnOvershootFromTheNextPeriods() {
        KeyLimits limits = tokens("1000/1h");
        granted(limits, 100).settle(2500);
        assertThat(spending.reserve(KEY, limits, 1, 1)).isInstanceOf(Exhausted.class);
        pass(Duration.ofHours(1));
        assertThat(spending.reserve(KEY, limits, 1, 1)).isInstanceOf(Exhausted.class);
        pass(Duration.ofHours(1));
        assertThat(((Exhausted) spending.reserve(KEY, limits, 501, 501)).left()).isEqualTo(500);
        pass(Duration.ofHours(1));
        granted(limits, 1000);
    }

    @Test
    void saysWhenWaitingDoesNotHelp() {
        assertThat(spending.reserve(KEY, tokens("1000/1h"), 1001, 1001))
                .isInstanceOf(TooLarge.class);
    }

    @Test
    void requestsSideBySideNeverOvershootTogether() throws Exception {
        long seed = System.nanoTime();
        KeyLimits limits = tokens("10000/24h");
        AtomicLong used = new AtomicLong();
        AtomicInteger passed = new AtomicInteger();
        try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 400; i++) {
                Random random = new Random(seed + i);
                many.submit(() -> {
                    long asked = 1 + random.nextInt(200);
                    if (spending.reserve(KEY, limits, asked, asked)
                            instanceof Granted(Reservation held)) {
                        Thread.yield();
                        long real = random.nextLong(asked + 1);
                        used.addAndGet(real);
                        passed.incrementAndGet();
                        held.settle(real);
                    }
                });
            }
        }
        assertThat(used.get()).as("seed %d", seed).isLessThanOrEqualTo(10_000);
        assertThat(passed).as("seed %d", seed).hasPositiveValue();
        spending.close();
        assertThat(store.find(KEY).orElseThrow().tokens()).isEqualTo(used.get());
    }

    @Test
    void anOrderlyRestartForgetsNothingAndCostsNothing() {
        KeyLimits limits = tokens("1000/24h");
        granted(limits, 300).settle(300);
        spending.close();
        spending = new Spending(store, clock);
        assertThat(((Exhausted) spending.reserve(KEY, limits, 701, 701)).left()).isEqualTo(700);
    }

    @Test
    void aCrashGivesNothingBackAndCostsAtMostASliceAndWhatWasHeld() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            Spending.Store kept = Spending.Store.memory();
            Spending before = new Spending(kept, clock);
            KeyLimits limits = tokens("6400/24h");
            long used = 0;
            long held = 0;
            int requests = random.nextInt(30);
            for (int i = 0; i < requests; i++) {
                long asked = 1 + random.nextInt(300);
                if (before.reserve(KEY, limits, asked, asked) instanceof Granted(Reservation r)) {
                    if (random.nextInt(4) == 0) {
                        held += asked;
                    } else {
                        long real = random.nextLong(asked + 1);
                        r.settle(real);
                        used += real;
                    }
                }
            }
            // The crash: nobody closes. Everything asked for afterwards is asked of the store.
            Spending after = new Spending(kept, clock);
            long left = left(after, limits, 6400);
            assertThat(left).as("seed %d", seed).isLessThanOrEqualTo(6400 - used);
            assertThat(left)
                    .as("seed %d", seed)
                    // Each request may have been covered before the one before it was settled.
                    .isGreaterThanOrEqualTo(6400 - used - held - 300 - 6400 / Spending.SLICES);
        }
    }

    private static long left(Spending spending, KeyLimits limits, long budget) {
        Outcome outcome = spending.reserve(KEY, limits, budget, budget);
        return switch (outcome) {
            case Granted _ -> budget;
            case Exhausted refused -> refused.left();
            case TooOften _, TooLarge _ -> throw new AssertionError(outcome);
        };
    }

    @Test
    void writesOnceForASliceAndNotForEveryRequest() {
        AtomicInteger writes = new AtomicInteger();
        Spending counted = new Spending(counting(writes, new AtomicBoolean()), clock);
        KeyLimits limits = tokens("640000/24h");
        for (int i = 0; i < 1000; i++) {
            ((Granted) counted.reserve(KEY, limits, 10, 10)).reservation().settle(10);
        }
        assertThat(writes.get()).as("10,000 tokens are one slice").isBetween(1, 2);
    }

    @Test
    void letsNothingPassThatCannotBeCoveredAndHealsByItself() {
        AtomicBoolean down = new AtomicBoolean(true);
        Spending flaky = new Spending(counting(new AtomicInteger(), down), clock);
        KeyLimits limits = tokens("1000/24h");
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> flaky.reserve(KEY, limits, 10, 10))
                    .isInstanceOf(StoreUnavailableException.class);
        }
        down.set(false);
        Reservation held = ((Granted) flaky.reserve(KEY, limits, 1000, 1000)).reservation();
        assertThat(held.tokens()).as("what failed holds nothing").isEqualTo(1000);
    }

    @Test
    void settlingDoesNotWaitForAStoreThatWrites() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean slow = new AtomicBoolean();
        Spending busy =
                new Spending(
                        new Spending.Store() {
                            @Override
                            public Optional<Spent> find(String keyId) {
                                return store.find(keyId);
                            }

                            @Override
                            public void put(String keyId, Spent spent) {
                                if (slow.get()) {
                                    writing.countDown();
                                    try {
                                        goOn.await();
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                }
                                store.put(keyId, spent);
                            }
                        },
                        clock);
        KeyLimits limits = tokens("1000/24h");
        Reservation held = ((Granted) busy.reserve(KEY, limits, 100, 100)).reservation();
        slow.set(true);
        try (ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Outcome> other = others.submit(() -> busy.reserve(KEY, limits, 500, 500));
            writing.await();
            // As the event loop does; who waits here holds up everybody's streams.
            Future<?> loop = others.submit(() -> held.settle(40));
            try {
                loop.get(20, TimeUnit.SECONDS);
            } finally {
                goOn.countDown();
            }
            assertThat(other.get()).isInstanceOf(Granted.class);
        }
        slow.set(false);
        assertThat(((Exhausted) busy.reserve(KEY, limits, 461, 461)).left()).isEqualTo(460);
    }

    private Spending.Store counting(AtomicInteger writes, AtomicBoolean down) {
        return new Spending.Store() {
            @Override
            public Optional<Spent> find(String keyId) {
                return store.find(keyId);
            }

            @Override
            public void put(String keyId, Spent spent) {
                if (down.get()) {
                    throw new StoreUnavailableException("down", null);
                }
                writes.incrementAndGet();
                store.put(keyId, spent);
            }
        };
    }

    @Test
    void writesAnOvershootAtTheNextFlush() {
        KeyLimits limits = tokens("1000/24h");
        granted(limits, 10).settle(900);
        assertThat(store.find(KEY).orElseThrow().tokens()).isLessThan(900);
        spending.flush();
        assertThat(store.find(KEY).orElseThrow().tokens()).isEqualTo(900);
    }

    @Test
    void aClockPutBackBringsNoBudgetBack() {
        KeyLimits limits = tokens("1000/1h");
        pass(Duration.ofHours(1));
        granted(limits, 1000).settle(1000);
        pass(Duration.ofHours(-1));
        assertThat(spending.reserve(KEY, limits, 1, 1)).isInstanceOf(Exhausted.class);
    }

    @Test
    void limitsRequestsToABucketRefilledEvenly() {
        KeyLimits limits = requests("60/1m");
        for (int i = 0; i < 60; i++) {
            granted(limits, 1);
        }
        TooOften refused = (TooOften) spending.reserve(KEY, limits, 1, 1);
        assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        pass(Duration.ofSeconds(1).minusNanos(1));
        assertThat(spending.reserve(KEY, limits, 1, 1)).isInstanceOf(TooOften.class);
        pass(Duration.ofNanos(1));
        granted(limits, 1);
        assertThat(spending.reserve(KEY, limits, 1, 1)).isInstanceOf(TooOften.class);
        pass(Duration.ofHours(1));
        List<Outcome> burst = new ArrayList<>();
        for (int i = 0; i < 61; i++) {
            burst.add(spending.reserve(KEY, limits, 1, 1));
        }
        assertThat(burst.subList(0, 60)).hasOnlyElementsOfType(Granted.class);
        assertThat(burst.get(60)).isInstanceOf(TooOften.class);
    }

    @Test
    void aClockPutBackLocksNobodyOutForLongerThanTheBucketTakes() {
        KeyLimits limits = requests("2/1m");
        pass(Duration.ofDays(1));
        granted(limits, 1);
        pass(Duration.ofDays(-1));
        assertThat(((TooOften) spending.reserve(KEY, limits, 1, 1)).retryAfter())
                .isLessThanOrEqualTo(Duration.ofMinutes(1));
        pass(Duration.ofMinutes(1));
        granted(limits, 1);
    }

    @Test
    void keysHaveBucketsOfTheirOwn() {
        KeyLimits limits = requests("1/1h");
        granted(limits, 1);
        assertThat(spending.reserve("bbbbbbbbbbbbbbbb", limits, 1, 1)).isInstanceOf(Granted.class);
    }
}

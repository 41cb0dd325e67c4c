package atlas.identity.spending;

import atlas.identity.KeyLimits;
import atlas.identity.KeyLimits.Allowance;
import atlas.identity.StoreUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts what keys use, and says when it is enough.
 *
 * <p>Tokens are reserved before a request is sent and settled by what it really used. The sum of
 * what is spent and reserved never exceeds the budget, so requests side by side cannot overshoot
 * together; one request overshoots by what it uses beyond its own reservation, and that is taken
 * from the next period. Periods are whole multiples of their length since 1970, in UTC.
 *
 * <p>The store is always ahead: a slice of the budget is written as spent before it is, so that a
 * crash costs the key at most that slice ({@value #SLICES}th of the budget) and what was reserved,
 * and gives nothing back. A store that cannot be written lets nothing pass that is not covered.
 *
 * <p>Requests are a bucket that is full at the start, refilled evenly, in memory. Thread-safe;
 * blocks only where the store does, and then only requests of the same key.
 */
public final class Spending implements AutoCloseable {
    /** Into how many slices a budget is cut for the store. */
    static final int SLICES = 64;

    /**
     * Where it is kept how much of a token budget is gone, so that a restart gives nothing back.
     * Thread-safe; a write is durable when {@link #put} returns. A store that cannot answer throws
     * {@link StoreUnavailableException}; it never answers "nothing spent" instead.
     */
    public interface Store {
        /** What was last written for this key. */
        Optional<Spent> find(String keyId);

        /** Writes, in place of what was there. */
        void put(String keyId, Spent spent);

        /** Forgets at its end: where a restart may begin anew. */
        static Store memory() {
            ConcurrentHashMap<String, Spent> spent = new ConcurrentHashMap<>();
            return new Store() {
                @Override
                public Optional<Spent> find(String keyId) {
                    return Optional.ofNullable(spent.get(keyId));
                }

                @Override
                public void put(String keyId, Spent now) {
                    spent.put(keyId, now);
                }
            };
        }
    }

    /**
     * What a key has spent.
     *
     * @param period the number of the period, counted from 1970
     * @param tokens at least as many as were used in it
     */
    public record Spent(long period, long tokens) {}

    private static final long MOST = 1_000_000_000_000L;
    private static final Reservation FREE = new Reservation(null, 0);

    private final Store store;
    private final Clock clock;
    private final ConcurrentHashMap<String, Account> accounts = new ConcurrentHashMap<>();

    public Spending(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** Whether a request may be sent. */
    public sealed interface Outcome {
        /** It may; what it uses is to be settled. */
        record Granted(Reservation reservation) implements Outcome {}

        /** Too many requests for now. */
        record TooOften(Allowance rate, Duration retryAfter) implements Outcome {}

        /** The budget is spent, or what is left of it is less than the request may take. */
        record Exhausted(Allowance budget, long left, Instant renews) implements Outcome {}

        /** This request alone may take more than the whole budget: waiting does not help. */
        record TooLarge(Allowance budget) implements Outcome {}
    }

    /** What is held for one request until it is known what it used. */
    public static final class Reservation {
        private final @Nullable Account account;
        private final long tokens;
        private final AtomicBoolean settled = new AtomicBoolean();

        private Reservation(@Nullable Account account, long tokens) {
            this.account = account;
            this.tokens = tokens;
        }

        /** How many tokens are held. */
        public long tokens() {
            return tokens;
        }

        /** Counts what was used instead of what was held. The first word counts. Never blocks. */
        public void settle(long used) {
            if (account != null && settled.compareAndSet(false, true)) {
                account.settle(tokens, Math.clamp(used, 0, MOST));
            }
        }
    }

    /**
     * Asks for a request's share.
     *
     * @param least what the request takes in any case
     * @param most what it may take; as much of it as is left is held
     * @throws StoreUnavailableException when it cannot be made sure that it is counted
     */
    public Outcome reserve(String keyId, KeyLimits limits, long least, long most) {
        if (limits.tokens().isEmpty() && limits.requests().isEmpty()) {
            return new Outcome.Granted(FREE);
        }
        return accounts.computeIfAbsent(keyId, Account::new)
                .reserve(
                        limits,
                        Math.clamp(least, 0, MOST),
                        Math.clamp(Math.max(least, most), 0, MOST));
    }

    /** Writes what was used beyond what the store knows; called about once a minute. */
    public void flush() {
        accounts.values().forEach(account -> account.write(false));
    }

    /** Writes what was used, exactly, so that a restart costs nobody a slice. */
    @Override
    public void close() {
        accounts.values().forEach(account -> account.write(true));
    }

    /**
     * One key's. All fields but two are guarded by the monitor, which is held while the store
     * writes; whoever settles may be an event loop, and leaves its word in these two.
     */
    private final class Account {
        private final String keyId;
        private boolean loaded;
        private long period;
        private long spent;
        private long reserved;
        private long stored;
        private long fullAtNanos = Long.MIN_VALUE;
        private final AtomicLong usedSince = new AtomicLong();
        private final AtomicLong freedSince = new AtomicLong();

        Account(String keyId) {
            this.keyId = keyId;
        }

        synchronized Outcome reserve(KeyLimits limits, long least, long most) {
            Instant now = clock.instant();
            if (limits.requests().isPresent()) {
                Allowance rate = limits.requests().get();
                long wait = take(rate, now);
                if (wait > 0) {
                    return new Outcome.TooOften(rate, Duration.ofNanos(wait));
                }
            }
            return limits.tokens().isPresent()
                    ? hold(limits.tokens().get(), least, most, now)
                    : new Outcome.Granted(FREE);
        }

        // A bucket as the generic cell rate algorithm keeps it: by the time at which it is full.
        private long take(Allowance rate, Instant now) {
            long per = rate.per().toNanos();
            long each = Math.max(1, per / rate.amount());
            long nanos = Math.addExact(now.getEpochSecond() * 1_000_000_000L, now.getNano());
            // A clock put back must not lock a key out for longer than its bucket takes to fill.
            long full = Math.clamp(fullAtNanos, nanos, nanos + per);
            long wait = full + each - (nanos + per);
            fullAtNanos = wait > 0 ? full : full + each;
            return Math.max(0, wait);
        }

        private Outcome hold(Allowance budget, long least, long most, Instant now) {
            if (least > budget.amount()) {
                return new Outcome.TooLarge(budget);
            }
            count();
            roll(budget, now);
            long left = budget.amount() - spent - reserved;
            if (least > left || left <= 0) {
                Instant renews = Instant.ofEpochSecond((period + 1) * budget.per().toSeconds());
                return new Outcome.Exhausted(budget, Math.max(0, left), renews);
            }
            long held = Math.min(most, left);
            cover(spent + reserved + held, budget.amount());
            reserved += held;
            return new Outcome.Granted(new Reservation(this, held));
        }

        // INVARIANT: what the store says is spent is never less than what is held or spent.
        private void cover(long needed, long budget) {
            if (needed > stored) {
                long ahead = Math.min(needed + Math.max(1, budget / SLICES), budget);
                store.put(keyId, new Spent(period, Math.max(needed, ahead)));
                stored = Math.max(needed, ahead);
            }
        }

        private void roll(Allowance budget, Instant now) {
            long current = Math.floorDiv(now.getEpochSecond(), budget.per().toSeconds());
            if (!loaded) {
                Spent known = store.find(keyId).orElse(new Spent(current, 0));
                period = known.period();
                spent = known.tokens();
                stored = known.tokens();
                loaded = true;
            }
            // A clock put back does not bring a period back.
            while (period < current) {
                long owed = spent - budget.amount();
                if (owed <= 0) {
                    spent = 0;
                    period = current;
                } else {
                    spent = owed;
                    period++;
                }
                stored = 0;
            }
        }

        // INVARIANT: used before freed here, freed before used in count: what is spent and reserved
        // is at no moment less than it is.
        void settle(long held, long used) {
            usedSince.addAndGet(used);
            freedSince.addAndGet(held);
        }

        private void count() {
            reserved -= freedSince.getAndSet(0);
            spent += usedSince.getAndSet(0);
        }

        synchronized void write(boolean exact) {
            count();
            long used = spent + reserved;
            if (loaded && (exact ? used != stored : used > stored)) {
                store.put(keyId, new Spent(period, used));
                stored = used;
            }
        }
    }
}

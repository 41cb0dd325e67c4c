package atlas.control.link;

import atlas.control.wire.LinkException;
import atlas.core.json.Json;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of the control plane, followed: one thread asks without end, each answer comes as soon
 * as there is news. What was heard last holds for a bounded time after the control plane said so,
 * and is in memory only; after that nothing can be told. Thread-safe; asking does not block.
 */
public final class FollowedState implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FollowedState.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(2);
    private static final Duration WAIT = Duration.ofSeconds(15);
    private static final Duration SHORT = Duration.ofSeconds(5);
    private static final Duration REFRESH_PAUSE = Duration.ofSeconds(1);

    private final Calls calls;
    private final Supplier<About> about;
    private final FollowedTokens tokens;
    private final Duration maxAge;
    private final Clock clock;
    private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;
    private final ReentrantLock refreshing = new ReentrantLock();
    private final ReentrantLock taking = new ReentrantLock();
    private volatile @Nullable Held held;
    private boolean closed; // lock
    private long refreshBegan; // refreshing
    private long refreshEnded = System.nanoTime() - REFRESH_PAUSE.toNanos(); // refreshing
    private boolean refreshed; // refreshing

    /**
     * What the control plane is told with each question.
     *
     * @param host where this workload listens
     * @param uses keys used here since the last question
     */
    public record About(String host, int port, Map<String, Instant> uses) {}

    /** What is known: a state, its number, and when it was last said to be in force. */
    record Held(State state, String instance, long version, Instant asOf) {}

    /**
     * Follows once it is started.
     *
     * @param tokens told of each state before anybody can decide by it
     * @param maxAge how long what was heard holds
     */
    public FollowedState(
            Calls calls,
            Supplier<About> about,
            FollowedTokens tokens,
            Duration maxAge,
            Clock clock) {
        this.calls = calls;
        this.about = about;
        this.tokens = tokens;
        this.maxAge = maxAge;
        this.clock = clock;
        this.thread = Thread.ofPlatform().daemon().name("control-link").unstarted(this::run);
    }

    /** Starts asking. */
    public void start() {
        thread.start();
    }

    /** Runs {@code listener} after every change, on the thread that heard of it. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** The state in force; a {@link LinkException} when that cannot be told. */
    State state() {
        return held().state;
    }

    Held held() {
        Held now = held;
        if (now == null || !current()) {
            throw new LinkException("what is in force was not heard of for " + maxAge, null);
        }
        return now;
    }

    /** Whether the state in force can be told. */
    public boolean current() {
        Held now = held;
        return now != null && !clock.instant().isAfter(now.asOf.plus(maxAge));
    }

    /** Waits until something was heard at all; false when that took longer. */
    public boolean awaitFirst(Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lock();
        try {
            while (held == null && left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
            return held != null;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        Duration pause = FIRST_RETRY;
        boolean heard = true;
        Map<String, Instant> untold = new HashMap<>();
        while (open()) {
            About said = about.get();
            untold.putAll(said.uses);
            try {
                Optional<Held> known = Optional.ofNullable(held);
                take(calls.state(asked(known, said, untold), WAIT), known);
                untold.clear();
                pause = FIRST_RETRY;
                heard = true;
            } catch (RuntimeException e) {
                if (heard) {
                    LOG.atWarn().setCause(e).log("the control plane does not answer");
                }
                heard = false;
                pause(pause);
                pause =
                        pause.multipliedBy(2).compareTo(LAST_RETRY) > 0
                                ? LAST_RETRY
                                : pause.multipliedBy(2);
            }
        }
    }

    private boolean open() {
        lock.lock();
        try {
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void pause(Duration pause) {
        lock.lock();
        try {
            long left = pause.toNanos();
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks at once, beside the question that waits for news. Whoever comes while another asks
     * shares the next answer; asked at most once a second.
     *
     * @return whether what is known now was in force after this was called
     */
    public boolean refresh() {
        long called = System.nanoTime();
        refreshing.lock();
        try {
            if (refreshed && refreshBegan - called >= 0) {
                return true;
            }
            if (System.nanoTime() - refreshEnded < REFRESH_PAUSE.toNanos()) {
                return false;
            }
            refreshBegan = System.nanoTime();
            refreshed = hears();
            refreshEnded = System.nanoTime();
            return refreshed;
        } finally {
            refreshing.unlock();
        }
    }

    private boolean hears() {
        try {
            About nowhere = new About("", 0, Map.of());
            Optional<Held> known = Optional.ofNullable(held);
            take(calls.state(asked(Optional.empty(), nowhere, Map.of()), SHORT), known);
            return true;
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("what is in force now was not heard");
            return false;
        }
    }

    private static byte[] asked(Optional<Held> known, About said, Map<String, Instant> uses) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("instance", known.map(Held::instance).orElse(""));
            out.writeNumberField("version", known.map(Held::version).orElse(0L));
            out.writeStringField("host", said.host);
            out.writeNumberField("port", said.port);
            out.writeObjectFieldStart("uses");
            for (Map.Entry<String, Instant> use : uses.entrySet()) {
                out.writeNumberField(use.getKey(), use.getValue().toEpochMilli());
            }
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    /** Takes over an answer to a question that was asked when {@code known} was known. */
    private void take(Statement said, Optional<Held> known) {
        taking.lock();
        try {
            Held before = held;
            if (before == null || !overtaken(said, before, known)) {
                takeOver(said, before);
            }
        } finally {
            taking.unlock();
        }
        if (said.state().isPresent()) {
            listeners.forEach(Runnable::run);
        }
    }

    // Two questions may be under way: the answer that lost is no news, and no fault either.
    private static boolean overtaken(Statement said, Held now, Optional<Held> known) {
        boolean other = !known.map(Held::asOf).equals(Optional.of(now.asOf));
        boolean older =
                (said.instance().equals(now.instance) && said.version() < now.version)
                        || said.asOf().isBefore(now.asOf);
        return other && older;
    }

    private void takeOver(Statement said, @Nullable Held before) {
        if (before != null && said.asOf().isBefore(before.asOf)) {
            throw new LinkException("an older statement came after a newer one", null);
        }
        State state;
        if (said.state().isPresent()) {
            state = said.state().get();
        } else if (before != null
                && before.instance.equals(said.instance())
                && before.version == said.version()) {
            state = before.state;
        } else {
            throw new LinkException("a statement speaks of a state that is not known here", null);
        }
        // A clock ahead of ours must not make its word hold longer.
        Instant now = clock.instant();
        Instant asOf = said.asOf().isAfter(now) ? now : said.asOf();
        tokens.heard(state, asOf);
        lock.lock();
        try {
            held = new Held(state, said.instance(), said.version(), asOf);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        thread.interrupt();
    }
}

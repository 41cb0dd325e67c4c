package atlas.journal;

import atlas.journal.postgres.LostException;
import atlas.journal.search.SearchIndex;
import atlas.journal.search.Terms;
import atlas.journal.store.SharedShelf;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread beside the committer of a shared log's member: integrates while in office, tries for
 * office while it is vacant, and in either case follows what is published, checks it, and makes it
 * searchable. Trouble with the database or the store ends a term and is tried again; entries lost
 * or altered end the journal.
 */
final class SharedPublisher implements Publishing {
    private static final Logger LOG = LoggerFactory.getLogger(SharedPublisher.class);
    private static final long SOONEST_IN_OFFICE_NANOS = 20_000_000L;
    private static final long SOONEST_NANOS = 100_000_000L;

    private final JournalConfig config;
    private final SharedGround ground;
    private final SharedGround.Members members;
    private final Standing standing;
    private final Sighting sighting;
    private final Consumer<Throwable> poison;
    private final String holder;
    private @Nullable Term term;
    private boolean quiet;

    private final Object lock = new Object();

    /** Guarded by {@code lock}. */
    private final List<Request> requests = new ArrayList<>();

    /** Guarded by {@code lock}. */
    private boolean wanted;

    /** Guarded by {@code lock}. */
    private boolean stopping;

    private record Request(long size, long deadline, CompletableFuture<Checkpoint> answer) {}

    SharedPublisher(JournalConfig config, SharedGround ground, Consumer<Throwable> poison) {
        this.config = config;
        this.ground = ground;
        this.members = ground.members();
        this.standing = ground.standing();
        this.poison = poison;
        this.holder = HexFormat.of().formatHex(ground.resume().emitter());
        this.sighting =
                new Sighting(
                        ground.layout(),
                        ground.disk(),
                        ground.shelf(),
                        members.keys(),
                        members.store());
    }

    @Override
    public void appended(long size) {
        if (size - standing.checkpoint.size() >= config.checkpointEvery()) {
            wake();
        }
    }

    private void wake() {
        synchronized (lock) {
            wanted = true;
            lock.notifyAll();
        }
    }

    @Override
    public CompletableFuture<Checkpoint> request() {
        long deadline = System.nanoTime() + config.deadline().toNanos();
        Request request = new Request(standing.size, deadline, new CompletableFuture<>());
        synchronized (lock) {
            if (stopping) {
                request.answer().completeExceptionally(new JournalException("the journal ended"));
            } else {
                requests.add(request);
                wanted = true;
                lock.notifyAll();
            }
        }
        return request.answer();
    }

    @Override
    public void stop() {
        synchronized (lock) {
            stopping = true;
            lock.notifyAll();
        }
    }

    @Override
    public void fail(Throwable cause) {
        stop();
        answer(_ -> true, request -> request.answer().completeExceptionally(cause));
    }

    @Override
    public void run() {
        try {
            do {
                round();
            } while (standing.failure() == null && !await());
            if (standing.failure() == null) {
                round();
            }
        } catch (RuntimeException | Error e) {
            poison.accept(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            leaveOffice();
            fail(new JournalException("the journal signs no more"));
        }
    }

    /** Waits for the next interval, or less when somebody wants a checkpoint; true to end. */
    private boolean await() throws InterruptedException {
        synchronized (lock) {
            long now = System.nanoTime();
            long least = now + (term == null ? SOONEST_NANOS : SOONEST_IN_OFFICE_NANOS);
            long due = now + config.checkpointInterval().toNanos();
            while (!stopping) {
                long until = wanted || !requests.isEmpty() ? Math.min(least, due) : due;
                long left = until - System.nanoTime();
                if (left <= 0) {
                    break;
                }
                lock.wait(left / 1_000_000, (int) (left % 1_000_000));
            }
            wanted = false;
            return stopping;
        }
    }

    private void round() {
        try {
            integrate();
            follow();
            quiet = false;
        } catch (LostException | SharedShelf.TakenException e) {
            leaveOffice();
            poison.accept(e);
        } catch (SQLException | IOException e) {
            notReached(e);
        } catch (JournalException e) {
            if (!(e.getCause() instanceof IOException)) {
                throw e;
            }
            notReached(e);
        }
        long now = System.nanoTime();
        Checkpoint last = standing.checkpoint;
        long indexed = Math.min(last.size(), members.search().size());
        answer(request -> request.size() <= indexed, request -> request.answer().complete(last));
        answer(
                request -> now - request.deadline() > 0,
                request ->
                        request.answer()
                                .completeExceptionally(
                                        new JournalException(
                                                "no checkpoint was published in time")));
    }

    private void notReached(Exception cause) {
        leaveOffice();
        if (!quiet) {
            LOG.atWarn().setCause(cause).log("shared log not reached");
        }
        quiet = true;
    }

    private void answer(Predicate<Request> which, Consumer<Request> how) {
        List<Request> found = new ArrayList<>();
        synchronized (lock) {
            Iterator<Request> all = requests.iterator();
            while (all.hasNext()) {
                Request request = all.next();
                if (which.test(request)) {
                    all.remove();
                    found.add(request);
                }
            }
        }
        found.forEach(how);
    }

    private void integrate() throws SQLException, IOException {
        if (!members.keys().signs()) {
            return;
        }
        Term current = term;
        if (current == null) {
            Optional<Term> begun = Term.begin(ground, holder);
            if (begun.isEmpty()) {
                return;
            }
            current = begun.get();
            term = current;
            LOG.atInfo().addKeyValue("entries", current.size()).log("integrator elected");
        }
        current.integrate();
    }

    private void leaveOffice() {
        Term ended = term;
        term = null;
        if (ended != null) {
            try {
                ended.close();
            } catch (SQLException e) {
                LOG.atDebug().setCause(e).log("office left badly");
            }
        }
    }

    private void follow() throws IOException {
        Checkpoint before = standing.checkpoint;
        Checkpoint seen = sighting.after(before);
        if (!seen.note().equals(before.note())) {
            members.own().check(members.store(), seen.size());
            sighting.keep(seen);
            standing.checkpoint = seen;
            standing.reached(seen.size());
        }
        SearchIndex search = members.search();
        while (search.size() < seen.size()) {
            Optional<Terms> own = members.own().terms(search.size(), members.subjects()::gone);
            if (own.isPresent()) {
                search.add(own.get());
            } else {
                search.readTo(search.size() + 1);
            }
        }
        search.keep(seen.size());
        members.own().forget(members.store(), seen.size());
    }
}

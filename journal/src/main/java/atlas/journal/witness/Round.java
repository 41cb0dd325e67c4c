package atlas.journal.witness;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** One question to several witnesses at once, each on a thread of its own. */
final class Round {
    /** How long those who answer a little later than enough are still waited for. */
    private static final long LINGER_NANOS = 250_000_000L;

    private final int asked;

    /** Guarded by this. */
    private final Map<Peer, Finding> found = new LinkedHashMap<>();

    private Round(int asked) {
        this.asked = asked;
    }

    /** Asks those of {@code peers} who are not busy with an earlier question. */
    static Round ask(List<Peer> peers, Function<Peer, Finding> question) {
        List<Peer> free = peers.stream().filter(Peer::take).toList();
        Round round = new Round(free.size());
        for (Peer peer : free) {
            Thread.ofVirtual()
                    .name("witness-" + peer.name())
                    .start(() -> round.answered(peer, question.apply(peer)));
        }
        return round;
    }

    private synchronized void answered(Peer peer, Finding finding) {
        found.put(peer, finding);
        notifyAll();
    }

    /**
     * Waits until all have answered, or enough have and the rest had its moment, or it takes too
     * long; gives what came of it so far.
     */
    synchronized Map<Peer, Finding> await(long nanos, Predicate<Map<Peer, Finding>> enough)
            throws InterruptedException {
        long end = System.nanoTime() + nanos;
        boolean lingering = false;
        while (found.size() < asked) {
            if (!lingering && enough.test(found)) {
                lingering = true;
                end = Math.min(end, System.nanoTime() + LINGER_NANOS);
            }
            long left = end - System.nanoTime();
            if (left <= 0) {
                break;
            }
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
        return new LinkedHashMap<>(found);
    }
}

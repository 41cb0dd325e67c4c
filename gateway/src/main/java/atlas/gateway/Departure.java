package atlas.gateway;

import atlas.runtime.http.Exchange;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What to give up when a request is over before its answer is, which changes as it goes on. It is
 * over when the client leaves, or when what it rests on was taken back. After {@link #stays} has
 * returned, nothing that was registered before it happens any more.
 */
final class Departure {
    private @Nullable Runnable giveUp;
    private boolean over;
    private @Nullable Refused withdrawn;

    /** Watches the client of this exchange. */
    static Departure of(Exchange exchange) {
        Departure departure = new Departure();
        exchange.onClose(departure::happened);
        return departure;
    }

    /** From now on its end means this; at once if it has come. */
    synchronized void means(Runnable action) {
        giveUp = action;
        if (over) {
            action.run();
        }
    }

    /** From now on its end means nothing. */
    synchronized void stays() {
        giveUp = null;
    }

    /** What the request rested on is gone; the first word counts. */
    synchronized void withdraw(Refused why) {
        if (withdrawn == null) {
            withdrawn = why;
            happened();
        }
    }

    /** Why it was taken back, if it was. */
    synchronized Optional<Refused> withdrawn() {
        return Optional.ofNullable(withdrawn);
    }

    private synchronized void happened() {
        over = true;
        if (giveUp != null) {
            giveUp.run();
        }
    }
}

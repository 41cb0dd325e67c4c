package atlas.gateway;

import atlas.runtime.http.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * What to give up when the client leaves, which changes as its request goes on. After {@link
 * #stays} has returned, nothing that was registered before it happens any more.
 */
final class Departure {
    private @Nullable Runnable giveUp;
    private boolean left;

    /** Watches the client of this exchange. */
    static Departure of(Exchange exchange) {
        Departure departure = new Departure();
        exchange.onClose(departure::happened);
        return departure;
    }

    /** From now on leaving means this; at once if the client has left. */
    synchronized void means(Runnable action) {
        giveUp = action;
        if (left) {
            action.run();
        }
    }

    /** From now on leaving means nothing. */
    synchronized void stays() {
        giveUp = null;
    }

    private synchronized void happened() {
        left = true;
        if (giveUp != null) {
            giveUp.run();
        }
    }
}

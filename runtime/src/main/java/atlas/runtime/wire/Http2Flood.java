package atlas.runtime.wire;

import static io.netty.handler.codec.http2.Http2Error.ENHANCE_YOUR_CALM;

import io.netty.handler.codec.http2.Http2Exception;
import java.util.concurrent.TimeUnit;

/**
 * The budget of frames that cost us work and the peer nothing. Spent, the connection ends with
 * ENHANCE_YOUR_CALM. Window updates are earned by the data we send; resets, empty data frames and
 * CONTINUATION frames are bounded by the codec itself.
 */
final class Http2Flood {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int MAX_CONTROL = 500;
    private static final int MAX_UPDATES = 2_000;

    private long windowStart = System.nanoTime();
    private int control;
    private long updates;

    /** SETTINGS, PING, PRIORITY, unknown frames. */
    void control() throws Http2Exception {
        roll();
        if (++control > MAX_CONTROL) {
            throw flood("control frames");
        }
    }

    void windowUpdate() throws Http2Exception {
        roll();
        if (++updates > MAX_UPDATES) {
            throw flood("window updates");
        }
    }

    void dataSent() {
        updates -= 4;
    }

    private void roll() {
        long now = System.nanoTime();
        if (now - windowStart > WINDOW_NANOS) {
            windowStart = now;
            control = 0;
            updates = Math.min(0, updates);
        }
    }

    private static Http2Exception flood(String what) {
        return new Http2Exception(
                ENHANCE_YOUR_CALM, "too many " + what, Http2Exception.ShutdownHint.HARD_SHUTDOWN);
    }
}

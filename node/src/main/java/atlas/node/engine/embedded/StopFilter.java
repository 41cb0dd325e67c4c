package atlas.node.engine.embedded;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Lets bytes through until a stop text appears; what may still become one is held back. */
final class StopFilter {
    private static final byte[] NOTHING = new byte[0];

    private final List<byte[]> stops;
    private byte[] held = NOTHING;
    private boolean stopped;

    StopFilter(List<String> stops) {
        this.stops = stops.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList();
    }

    /** The bytes that may leave now. */
    byte[] feed(byte[] bytes) {
        if (stops.isEmpty()) {
            return bytes;
        }
        byte[] all = Arrays.copyOf(held, held.length + bytes.length);
        System.arraycopy(bytes, 0, all, held.length, bytes.length);
        for (int at = 0; at < all.length; at++) {
            for (byte[] stop : stops) {
                int length = Math.min(stop.length, all.length - at);
                if (Arrays.equals(all, at, at + length, stop, 0, length)) {
                    stopped = length == stop.length;
                    held = stopped ? NOTHING : Arrays.copyOfRange(all, at, all.length);
                    // A shorter stop may be complete at this place even if this one is not.
                    if (stopped || !completeAt(all, at)) {
                        return Arrays.copyOf(all, at);
                    }
                    stopped = true;
                    held = NOTHING;
                    return Arrays.copyOf(all, at);
                }
            }
        }
        held = NOTHING;
        return all;
    }

    private boolean completeAt(byte[] all, int at) {
        return stops.stream()
                .anyMatch(stop ->
                        at + stop.length <= all.length
                                && Arrays.equals(all, at, at + stop.length, stop, 0, stop.length));
    }

    /** Whether a stop text was seen; nothing more leaves then. */
    boolean stopped() {
        return stopped;
    }

    /** What was held back, once it can no longer become a stop text. */
    byte[] finish() {
        byte[] rest = held;
        held = NOTHING;
        return rest;
    }
}

package atlas.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Follows live activity: when the stream ends, goes on after the last entry it gave, from the log.
 * Ends only by failing, so that nobody takes a stream that broke off for one that had no more.
 */
final class LiveEvents {
    private static final Duration FIRST_WAIT = Duration.ofMillis(250);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    private final Supplier<Remote> control;
    private final String path;
    private final Duration patience;
    private OptionalLong last;
    private boolean ended;
    private long troubleSince;
    private Duration wait = FIRST_WAIT;

    /**
     * A stream to follow.
     *
     * @param control asked anew with every connection: a sign-in may have been renewed
     * @param last the last entry seen already
     * @param patience how long to try again before it counts as lost
     */
    LiveEvents(Supplier<Remote> control, String path, OptionalLong last, Duration patience) {
        this.control = control;
        this.path = path;
        this.last = last;
        this.patience = patience;
    }

    /** Gives every entry to {@code each}, as the stream has it, until that cannot go on. */
    void follow(Consumer<JsonNode> each) {
        boolean first = true;
        while (true) {
            String why = "the server ended the stream";
            try (BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(
                                    control.get().events(path, last), StandardCharsets.UTF_8))) {
                first = false;
                read(lines, each);
            } catch (IOException e) {
                why = "the stream broke off: " + e.getMessage();
            } catch (Stop stop) {
                if (first || (ended && stop.status() == Main.NO)) {
                    throw stop;
                }
                why = String.valueOf(stop.getMessage());
                if (stop.status() == Main.NO) {
                    throw lost(why);
                }
            }
            pause(why);
        }
    }

    private void read(BufferedReader lines, Consumer<JsonNode> each) throws IOException {
        String kind = "";
        String line;
        while ((line = lines.readLine()) != null) {
            if (line.startsWith("event: ")) {
                kind = line.substring("event: ".length());
            } else if (line.startsWith("id: ")) {
                last = OptionalLong.of(Long.parseLong(line.substring("id: ".length())));
                well();
            } else if (line.startsWith("data: ")) {
                take(kind, line.substring("data: ".length()), each);
            } else if (line.equals(": still here")) {
                well();
            }
        }
    }

    private void take(String kind, String data, Consumer<JsonNode> each) {
        switch (kind) {
            case "ended" -> ended = true;
            // Both say that something is missing; connecting again shows what.
            case "dropped" -> {}
            case "gap" -> throw lost("the server does not give what is between: " + data);
            default -> {
                try {
                    each.accept(Remote.JSON.readTree(data));
                } catch (JsonProcessingException e) {
                    throw Stop.unknown("the server sent something that is not JSON");
                }
            }
        }
    }

    private void well() {
        troubleSince = 0;
        wait = FIRST_WAIT;
        ended = false;
    }

    private void pause(String why) {
        long now = System.nanoTime();
        if (troubleSince == 0) {
            troubleSince = now;
        }
        if (now - troubleSince >= patience.toNanos()) {
            throw lost(why);
        }
        long end = now + wait.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
            if (Thread.interrupted()) {
                throw lost("interrupted");
            }
        }
        Duration doubled = wait.multipliedBy(2);
        wait = doubled.compareTo(LONGEST_WAIT) < 0 ? doubled : LONGEST_WAIT;
    }

    private Stop lost(String why) {
        return Stop.unknown(
                "cannot go on"
                        + (last.isPresent() ? " after entry " + last.getAsLong() : "")
                        + ": "
                        + why);
    }
}

package atlas.control.api;

import static atlas.control.api.Field.Type.INTEGER;
import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.optional;

import atlas.control.live.ActivityFeed;
import atlas.core.AuditEvent.JournalRead;
import atlas.journal.Journal;
import atlas.journal.JournalException;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.PolicyDecisionPoint;
import atlas.policy.Resource;
import atlas.runtime.http.BodyWriter;
import atlas.runtime.http.Headers;
import atlas.watch.Metrics;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Live activity as server-sent events, and metrics for scraping. */
final class LiveRoutes {
    /** How many entries back a stream may go on for those who may not read the journal. */
    private static final long RECENT = 10_000;

    private final ActivityFeed feed;
    private final Metrics metrics;
    private final Journal journal;
    private final PolicyDecisionPoint policy;

    LiveRoutes(ActivityFeed feed, Metrics metrics, Journal journal, PolicyDecisionPoint policy) {
        this.feed = feed;
        this.metrics = metrics;
        this.journal = journal;
        this.policy = policy;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        "GET",
                        "/api/v1/events",
                        Action.EVENTS_READ,
                        "events",
                        "live activity as server-sent events, without prompts and answers",
                        List.of(
                                optional("after", INTEGER, "go on after this index"),
                                optional("kind", STRING, "only these, such as `alert.raised`")),
                        List.of(),
                        false,
                        (Route.Operation.Streaming) this::events),
                Route.read(
                        "/metrics",
                        Action.METRICS_READ,
                        "metrics",
                        "OpenMetrics",
                        _ -> Reply.text(Metrics.CONTENT_TYPE, metrics.openMetrics())));
    }

    private void events(Call call) throws Refusal, InterruptedException {
        OptionalLong last = lastSeen(call);
        Optional<String> kind = call.input().optionalText("kind");
        String query =
                "live events"
                        + (last.isPresent() ? " after " + last.getAsLong() : "")
                        + kind.map(only -> " of kind " + only).orElse("");
        journal.append(new JournalRead(call.requestId(), call.actor(), query, 0));
        ActivityFeed.Watcher watcher =
                feed.join()
                        .orElseThrow(() ->
                                Problems.busy("too many are watching; close one or try again"));
        Headers headers =
                Headers.of(
                        "content-type", "text/event-stream",
                        "cache-control", "no-store",
                        "x-content-type-options", "nosniff");
        LiveStream.Wanted wanted =
                new LiveStream.Wanted(
                        kind, () -> call.stillHolds() && permitted(call, call.route().action()));
        BodyWriter out = call.exchange().stream(200, headers);
        try (out;
                LiveStream stream = new LiveStream(journal, feed, watcher, wanted, out)) {
            if (last.isPresent()) {
                long asked = last.getAsLong() + 1;
                stream.resume(Math.max(asked, earliest(call)), asked);
            } else {
                stream.begin();
            }
            stream.follow();
        } catch (IOException e) {
            // The watcher left; there is nobody to tell.
            out.abort();
        } catch (JournalException e) {
            // What cannot be read now is asked for again by whoever connects again.
            out.abort();
            throw e;
        }
    }

    /** The last entry the watcher has, as its stream told it; the header is the later word. */
    private OptionalLong lastSeen(Call call) throws Refusal {
        Optional<String> header = call.exchange().headers().first("last-event-id");
        long last = call.input().integer("after", -1);
        if (header.isPresent()) {
            try {
                last = Long.parseLong(header.get());
            } catch (NumberFormatException e) {
                throw Problems.invalid("`last-event-id` is the index of an entry");
            }
        } else if (last < 0) {
            return OptionalLong.empty();
        }
        if (last < 0 || last >= journal.size()) {
            throw Problems.invalid(
                    "there is no entry "
                            + last
                            + " to go on after; begin anew, and find out why if there once was");
        }
        return OptionalLong.of(last);
    }

    /** Whoever may not read the journal sees what is recent, and not all that ever was. */
    private long earliest(Call call) {
        return permitted(call, Action.JOURNAL_READ) ? 0 : Math.max(0, journal.size() - RECENT);
    }

    private boolean permitted(Call call, Action action) {
        Resource resource =
                action == call.route().action()
                        ? call.route().resource(call.variables())
                        : Resource.any("journal");
        return switch (policy.decide(
                call.caller(), action, resource, Circumstances.from(call.exchange().source()))) {
            case Decision.Permit _ -> true;
            case Decision.Deny _ -> false;
        };
    }
}

package atlas.control.api;

import atlas.control.live.Activity;
import atlas.control.live.ActivityFeed;
import atlas.core.AuditEvent.JournalRead;
import atlas.core.AuditLog;
import atlas.policy.Action;
import atlas.runtime.http.BodyWriter;
import atlas.runtime.http.Headers;
import atlas.watch.Metrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Live activity as server-sent events, and metrics for scraping. */
final class LiveRoutes {
    private static final long HEARTBEAT_SECONDS = 15;

    private final ActivityFeed feed;
    private final Metrics metrics;
    private final AuditLog journal;

    LiveRoutes(ActivityFeed feed, Metrics metrics, AuditLog journal) {
        this.feed = feed;
        this.metrics = metrics;
        this.journal = journal;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        "GET",
                        "/api/v1/events",
                        Action.EVENTS_READ,
                        "events",
                        "live activity as server-sent events, without prompts and answers",
                        List.of(),
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
        journal.append(new JournalRead(call.requestId(), call.actor(), "live events", 0));
        ActivityFeed.Watcher watcher =
                feed.join()
                        .orElseThrow(() ->
                                Problems.busy("too many are watching; close one or try again"));
        Headers headers =
                Headers.of(
                        "content-type", "text/event-stream",
                        "cache-control", "no-store",
                        "x-content-type-options", "nosniff");
        try (watcher;
                BodyWriter out = call.exchange().stream(200, headers)) {
            write(out, ": live activity\n\n");
            for (Activity activity : watcher.before()) {
                write(out, event(activity));
            }
            follow(call, watcher, out);
        } catch (IOException e) {
            // The watcher left; there is nobody to tell.
            watcher.close();
        }
    }

    private void follow(Call call, ActivityFeed.Watcher watcher, BodyWriter out)
            throws IOException, InterruptedException {
        out.flush();
        while (!watcher.left()) {
            Optional<Activity> activity = watcher.next(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
            // A credential or session that has ended ends the stream it opened.
            if (!call.stillHolds()) {
                write(out, "event: ended\ndata: {\"reason\":\"the credential has ended\"}\n\n");
                return;
            }
            if (activity.isPresent()) {
                write(out, event(activity.get()));
            } else if (watcher.cutOff()) {
                write(
                        out,
                        "event: dropped\ndata: {\"reason\":\"too slow: some activity is not"
                                + " shown; connect again\"}\n\n");
                return;
            } else {
                write(out, ": still here\n\n");
            }
            out.flush();
        }
    }

    private static String event(Activity activity) {
        return "id: "
                + activity.index()
                + "\nevent: "
                + activity.kind()
                + "\ndata: "
                + activity.json()
                + "\n\n";
    }

    private static void write(BodyWriter out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }
}

package atlas.control.api;

import atlas.control.live.Activity;
import atlas.control.live.ActivityFeed;
import atlas.core.AuditEvent.JournalRead;
import atlas.core.AuditLog;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.PolicyDecisionPoint;
import atlas.runtime.http.BodyWriter;
import atlas.runtime.http.Headers;
import atlas.watch.Metrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Live activity as server-sent events, and metrics for scraping. */
final class LiveRoutes {
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    /** How long a watcher may go on that may no more; what is revoked ends within a second. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private final ActivityFeed feed;
    private final Metrics metrics;
    private final AuditLog journal;
    private final PolicyDecisionPoint policy;

    LiveRoutes(ActivityFeed feed, Metrics metrics, AuditLog journal, PolicyDecisionPoint policy) {
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
        int quiet = 0;
        while (!watcher.left()) {
            Optional<Activity> activity = watcher.next(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            // What lets a watcher in is asked about as long as it watches.
            if (!call.stillHolds() || !permitted(call)) {
                write(out, "event: ended\ndata: {\"reason\":\"the credential has ended\"}\n\n");
                return;
            }
            quiet = activity.isPresent() ? 0 : quiet + 1;
            if (quiet > 0 && quiet < HEARTBEAT.dividedBy(LOOK) && !watcher.cutOff()) {
                continue;
            }
            quiet = 0;
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

    private boolean permitted(Call call) {
        Route route = call.route();
        return switch (policy.decide(
                call.caller(),
                route.action(),
                route.resource(call.variables()),
                Circumstances.from(call.exchange().source()))) {
            case Decision.Permit _ -> true;
            case Decision.Deny _ -> false;
        };
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

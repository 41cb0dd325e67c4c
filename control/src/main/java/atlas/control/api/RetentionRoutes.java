package atlas.control.api;

import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.optional;

import atlas.journal.Journal;
import atlas.journal.JournalRetention;
import atlas.journal.JournalRetention.Outcome;
import atlas.policy.Action;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How long the journal keeps its entries, and removing those that are older. */
final class RetentionRoutes {
    private static final String PATH = "/api/v1/journal/retention";

    private final Journal journal;
    private final JournalRetention retention;

    RetentionRoutes(Journal journal, JournalRetention retention) {
        this.journal = journal;
        this.retention = retention;
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                        PATH,
                        Action.JOURNAL_VERIFY,
                        "journal",
                        "how long entries are kept, and the first that is still there",
                        _ -> Reply.ok(view())),
                Route.act(
                                "POST",
                                PATH,
                                Action.JOURNAL_RETAIN,
                                "journal",
                                "remove entries older than the installation keeps; proofs stay",
                                this::retain)
                        .body(
                                optional(
                                        "older_than",
                                        STRING,
                                        "such as `500d`; no less than is to be kept")));
    }

    private Map<String, Object> view() {
        Map<String, Object> view = new LinkedHashMap<>();
        Views.put(view, "keep_seconds", retention.keep().map(Duration::toSeconds));
        view.put("legal_hold", retention.legalHold());
        view.put("first", journal.first());
        view.put("size", journal.size());
        return view;
    }

    private Act retain(Call call) throws Refusal {
        Optional<String> text = call.input().optionalText("older_than");
        Optional<Duration> olderThan =
                text.isPresent()
                        ? Optional.of(Times.duration("older_than", text.get()))
                        : Optional.empty();
        Optional<String> refusal = retention.refusal(olderThan);
        if (refusal.isPresent()) {
            throw Problems.conflict(refusal.get());
        }
        return new Act(
                "journal",
                Map.of("first", journal.first()),
                text.isPresent() ? Map.of("older_than", text.get()) : Map.of(),
                () -> {
                    Map<String, Object> done =
                            done(retention.run(call.actor(), call.requestId(), olderThan));
                    return new Act.Done(Reply.ok(done), done);
                });
    }

    private static Map<String, Object> done(Outcome outcome) throws Refusal {
        Map<String, Object> view = new LinkedHashMap<>();
        switch (outcome) {
            case Outcome.Removed removed -> {
                view.put("first", removed.first());
                view.put("removed", removed.entries());
                view.put("bytes", removed.bytes());
                view.put("act", removed.act());
            }
            case Outcome.Nothing nothing -> {
                view.put("first", nothing.first());
                view.put("removed", 0);
            }
            case Outcome.Refused refused -> throw Problems.conflict(refused.why());
        }
        return view;
    }
}

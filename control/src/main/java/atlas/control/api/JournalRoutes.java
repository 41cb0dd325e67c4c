package atlas.control.api;

import static atlas.control.api.Field.Type.BOOLEAN;
import static atlas.control.api.Field.Type.INTEGER;
import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.optional;

import atlas.core.AuditEvent.JournalRead;
import atlas.export.Export;
import atlas.export.ExportStatus;
import atlas.journal.Checkpoint;
import atlas.journal.EmitterGap;
import atlas.journal.Journal;
import atlas.journal.JournalEntry;
import atlas.journal.JournalHealth;
import atlas.journal.JournalQuery;
import atlas.journal.SearchResult;
import atlas.journal.witness.Witnessing;
import atlas.policy.Action;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The journal: tail, search, show, prove, verify. Whoever reads it is in it. */
final class JournalRoutes {
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1000;

    private final Journal journal;
    private final Optional<Witnessing> witnessing;
    private final Supplier<List<ExportStatus>> exports;

    JournalRoutes(
            Journal journal,
            Optional<Witnessing> witnessing,
            Supplier<List<ExportStatus>> exports) {
        this.journal = journal;
        this.witnessing = witnessing;
        this.exports = exports;
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                                "/api/v1/journal/entries",
                                Action.JOURNAL_READ,
                                "journal",
                                "tail and search, newest first unless asked otherwise",
                                this::search)
                        .query(
                                optional("kind", STRING, "such as `admin.act`"),
                                optional("principal", STRING, "who did it"),
                                optional("request_id", STRING, "all entries of one request"),
                                optional("model", STRING, "a model's name"),
                                optional("outcome", STRING, "such as `denied` or `failed`"),
                                optional("text", STRING, "words in the entry"),
                                optional("since", STRING, "from this time on"),
                                optional("until", STRING, "up to this time"),
                                optional("after", INTEGER, "go on after this index"),
                                optional("limit", INTEGER, "1 to 1000, default 100"),
                                optional("order", STRING, "`newest` (default) or `oldest`"),
                                optional("purpose", STRING, "why; recorded with the reading")),
                Route.read(
                        "/api/v1/journal/entries/{index}",
                        Action.JOURNAL_READ,
                        "journal",
                        "one entry",
                        this::show),
                Route.read(
                        "/api/v1/journal/entries/{index}/proof",
                        Action.JOURNAL_READ,
                        "journal",
                        "C2SP inclusion proof of an entry",
                        this::prove),
                Route.read(
                                "/api/v1/journal/checkpoint",
                                Action.JOURNAL_VERIFY,
                                "journal",
                                "the last signed checkpoint",
                                this::checkpoint)
                        .query(
                                optional(
                                        "witnessed",
                                        BOOLEAN,
                                        "the last that enough witnesses cosigned")),
                Route.read(
                        "/api/v1/journal/witnesses",
                        Action.JOURNAL_VERIFY,
                        "journal",
                        "who witnesses the journal, and how far",
                        _ -> witnesses()),
                Route.read(
                        "/api/v1/journal/exporters",
                        Action.JOURNAL_VERIFY,
                        "journal",
                        "who gets the entries, and how far each is",
                        _ ->
                                Reply.ok(
                                        Views.list(
                                                "exporters",
                                                exports.get().stream()
                                                        .map(JournalRoutes::exporter)
                                                        .toList()))),
                Route.read(
                        "/api/v1/journal/health",
                        Action.STATUS_READ,
                        "status",
                        "how the journal is doing",
                        _ -> Reply.ok(health(journal.health()))));
    }

    private Reply search(Call call) throws Refusal {
        Input input = call.input();
        long limit = input.integer("limit", DEFAULT_LIMIT);
        if (limit < 1 || limit > MAX_LIMIT) {
            throw Problems.invalid("`limit` is between 1 and " + MAX_LIMIT);
        }
        String order = input.optionalText("order").orElse("newest");
        if (!order.equals("newest") && !order.equals("oldest")) {
            throw Problems.invalid("`order` is `newest` or `oldest`");
        }
        JournalQuery query =
                new JournalQuery(
                        input.optionalText("kind"),
                        input.optionalText("principal"),
                        input.optionalText("request_id"),
                        input.optionalText("model"),
                        input.optionalText("outcome"),
                        input.optionalText("text"),
                        Times.instant("since", input.optionalText("since")),
                        Times.instant("until", input.optionalText("until")),
                        input.integer("after", -1),
                        (int) limit,
                        order.equals("newest"));
        SearchResult result = journal.find(query);
        List<JournalEntry> entries = result.entries();
        // Recorded before anything is shown; who cannot be recorded reading does not read.
        read(call, SearchedFor.in(input, journal.subjects()), entries.size());
        Map<String, Object> view =
                Views.list("entries", entries.stream().map(Views::entry).toList());
        view.put("complete", result.complete());
        view.put("last_looked", result.lastLooked());
        view.put("gaps", journal.gaps().stream().map(EmitterGap::text).toList());
        return Reply.ok(view);
    }

    private Reply show(Call call) throws Refusal {
        long index = index(call);
        Optional<JournalEntry> entry = journal.entry(index);
        read(call, "entry " + index, entry.isPresent() ? 1 : 0);
        if (index < journal.first()) {
            throw Problems.notFound(
                    "entry "
                            + index
                            + " was removed by retention; the first is "
                            + journal.first());
        }
        return Reply.ok(Views.entry(entry.orElseThrow(() -> missing(index))));
    }

    private Reply prove(Call call) throws Refusal {
        long index = index(call);
        if (index >= journal.size()) {
            throw missing(index);
        }
        if (journal.checkpoint().size() <= index) {
            journal.checkpointNow();
        }
        read(call, "proof " + index, 1);
        return Reply.text("text/plain; charset=utf-8", journal.prove(index));
    }

    private Reply checkpoint(Call call) throws Refusal {
        Checkpoint checkpoint =
                call.input().flag("witnessed")
                        ? journal.witnessed()
                                .orElseThrow(() ->
                                        Problems.notFound(
                                                "no checkpoint was cosigned by enough witnesses"))
                        : journal.checkpoint();
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("origin", checkpoint.origin());
        view.put("size", checkpoint.size());
        view.put("root", checkpoint.root().hex());
        view.put("note", checkpoint.note());
        return Reply.ok(view);
    }

    private Reply witnesses() throws Refusal {
        Witnessing.Status status =
                witnessing
                        .orElseThrow(() -> Problems.notFound("no witness policy is configured"))
                        .status();
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("quorum", status.quorum());
        view.put("witnessed", status.witnessed());
        view.put("unwitnessed", status.unwitnessed());
        view.put("waited_ms", status.waited().toMillis());
        view.put("witnesses", status.seen().stream().map(JournalRoutes::seen).toList());
        return Reply.ok(view);
    }

    private static Map<String, Object> seen(Witnessing.Seen seen) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", seen.witness());
        view.put("entries", seen.entries());
        view.put("trouble", seen.trouble());
        return view;
    }

    static Map<String, Object> health(JournalHealth health) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("state", health.state().name().toLowerCase(Locale.ROOT));
        view.put("accepting", health.accepting());
        view.put("detail", health.detail());
        view.put("size", health.size());
        view.put("checkpointed", health.checkpointed());
        view.put("pending", health.pending());
        view.put("free_bytes", health.freeBytes());
        view.put("gaps", health.gaps());
        view.put("notes", health.notes());
        return view;
    }

    private static Map<String, Object> exporter(ExportStatus status) {
        Export export = status.export();
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", export.name());
        view.put("to", export.destination().shown());
        view.put("format", export.format().wireName());
        view.put("content", export.content().wireName());
        view.put("state", status.state().name().toLowerCase(Locale.ROOT));
        view.put("next", status.next());
        view.put("lag", status.lag());
        Views.put(view, "delivered", status.delivered());
        view.put("failure", status.failure());
        return view;
    }

    private void read(Call call, String query, long entries) {
        journal.append(new JournalRead(call.requestId(), call.actor(), query, entries));
    }

    private static long index(Call call) throws Refusal {
        try {
            long index = Long.parseLong(call.variable("index"));
            if (index >= 0) {
                return index;
            }
        } catch (NumberFormatException e) {
            throw Problems.invalid("an entry is named by its index, a number from 0");
        }
        throw Problems.invalid("an entry is named by its index, a number from 0");
    }

    private static Refusal missing(long index) {
        return Problems.notFound("there is no entry " + index);
    }
}

package atlas.cli;

import atlas.cli.Terminal.Column;
import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reading the journal of a running Atlas; each reading is itself recorded. */
final class JournalReading {
    static final String ENTRIES = "/api/v1/journal/entries";
    private static final String EVENTS = "/api/v1/events";

    private JournalReading() {}

    private static final List<Column> COLUMNS =
            List.of(
                    Column.field("INDEX", "index"),
                    Column.field("WHEN", "when"),
                    new Column("KIND", JournalReading::kind),
                    new Column("WHO", JournalReading::who),
                    new Column("WHAT", JournalReading::what));

    /** What is not among the entries says something, too. */
    private static void warn(Terminal terminal, JsonNode answer) {
        answer.path("gaps").forEach(gap -> terminal.say("warning: " + gap.asText()));
    }

    @Command(
            name = "tail",
            description = "The newest entries; with --follow, new ones as they come.")
    static final class Tail extends AtlasCommand {
        @Option(
                names = {"-n", "--lines"},
                paramLabel = "N",
                description = "how many (default: ${DEFAULT-VALUE})",
                defaultValue = "20")
        private int lines = 20;

        @CommandLine.Mixin private final Following following = new Following();

        @Override
        public Integer call() {
            List<JsonNode> entries = new ArrayList<>();
            if (lines > 0) {
                Remote control = Remote.control(shared(), Role.AUDITOR);
                JsonNode answer = control.read(ENTRIES + "?limit=" + lines);
                answer.path("entries").forEach(entries::add);
                Collections.reverse(entries);
                terminal().rows(entries, COLUMNS);
                warn(terminal(), answer);
            }
            if (!following.wanted()) {
                return Main.YES;
            }
            OptionalLong last =
                    entries.isEmpty()
                            ? OptionalLong.empty()
                            : OptionalLong.of(entries.getLast().path("index").asLong());
            following.follow(shared(), EVENTS, last, this::show);
            return Main.UNKNOWN;
        }

        private void show(JsonNode entry) {
            terminal().line(entry, COLUMNS);
        }
    }

    @Command(
            name = "search",
            description = "Entries that match.",
            footer = "%nExample:%n  atlas journal search --kind inference.denied --principal app-7")
    static final class Search extends AtlasCommand {
        @Option(names = "--kind", paramLabel = "K", description = "such as inference.denied")
        private @Nullable String kind;

        @Option(names = "--principal", paramLabel = "P", description = "who did it")
        private @Nullable String principal;

        @Option(names = "--request", paramLabel = "ID", description = "a request id")
        private @Nullable String request;

        @Option(names = "--model", paramLabel = "M", description = "a model's name")
        private @Nullable String model;

        @Option(names = "--outcome", paramLabel = "O", description = "such as denied or failed")
        private @Nullable String outcome;

        @Parameters(index = "0", arity = "0..1", paramLabel = "TEXT", description = "words in it")
        private @Nullable String text;

        @Option(
                names = "--since",
                paramLabel = "TIME",
                description = "from this time on (ISO 8601)")
        private @Nullable String since;

        @Option(names = "--until", paramLabel = "TIME", description = "up to this time (ISO 8601)")
        private @Nullable String until;

        @Option(
                names = "--after",
                paramLabel = "INDEX",
                description = "go on after this entry, in the direction of time past")
        private @Nullable String after;

        @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "at most")
        private int limit = 100;

        @Override
        public Integer call() {
            StringBuilder query = new StringBuilder("?limit=" + limit);
            with(query, "kind", kind);
            with(query, "principal", principal);
            with(query, "request_id", request);
            with(query, "model", model);
            with(query, "outcome", outcome);
            with(query, "text", text);
            with(query, "since", since);
            with(query, "until", until);
            with(query, "after", after);
            JsonNode answer = Remote.control(shared(), Role.AUDITOR).read(ENTRIES + query);
            JsonNode entries = answer.path("entries");
            terminal().rows(entries, COLUMNS);
            warn(terminal(), answer);
            if (!answer.path("complete").asBoolean(true)) {
                terminal()
                        .say(
                                "there may be more: go on with --after "
                                        + answer.path("last_looked").asLong());
            }
            return entries.isEmpty() ? Main.NO : Main.YES;
        }

        private static void with(StringBuilder query, String name, @Nullable String value) {
            if (value != null) {
                query.append('&').append(name).append('=').append(Remote.segment(value));
            }
        }
    }

    @Command(name = "show", description = "One entry, whole.")
    static final class Show extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "ID", description = "its index, or a request id")
        private String id = "";

        @Override
        public Integer call() {
            Remote control = Remote.control(shared(), Role.AUDITOR);
            if (id.chars().allMatch(Character::isDigit)) {
                show(control.read(ENTRIES + "/" + id));
                return Main.YES;
            }
            JsonNode found =
                    control.read(ENTRIES + "?order=oldest&request_id=" + Remote.segment(id))
                            .path("entries");
            found.forEach(this::show);
            if (found.isEmpty()) {
                throw Stop.no("no entry of request `" + id + "`");
            }
            return Main.YES;
        }

        private void show(JsonNode entry) {
            terminal().print(terminal().json() ? entry.toString() : forPeople(entry));
        }
    }

    @Command(name = "prove", description = "Write the proof that an entry is in the log.")
    static final class Prove extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "ID", description = "the entry's index")
        private long index;

        @Option(names = "-o", required = true, paramLabel = "F", description = "where it goes")
        private Path target = Path.of("");

        @Override
        public Integer call() throws IOException {
            Files.writeString(
                    target,
                    Remote.control(shared(), Role.AUDITOR)
                            .readText(ENTRIES + "/" + index + "/proof"));
            terminal().say("wrote " + target);
            return Main.YES;
        }
    }

    @Command(name = "checkpoint", description = "The last signed checkpoint.")
    static final class CheckpointNow extends AtlasCommand {
        @Option(
                names = "--witnessed",
                description = "the last that enough witnesses cosigned, with their signatures")
        private boolean witnessed;

        @Override
        public Integer call() {
            JsonNode checkpoint =
                    Remote.control(shared(), Role.AUDITOR)
                            .read(
                                    "/api/v1/journal/checkpoint"
                                            + (witnessed ? "?witnessed=true" : ""));
            if (terminal().json()) {
                terminal().object(checkpoint);
            } else {
                terminal().stream(checkpoint.path("note").asText());
            }
            return Main.YES;
        }
    }

    @Command(name = "witnesses", description = "Who witnesses the journal, and how far.")
    static final class Witnesses extends AtlasCommand {
        @Override
        public Integer call() {
            JsonNode status =
                    Remote.control(shared(), Role.AUDITOR).read("/api/v1/journal/witnesses");
            terminal().object(status);
            return status.path("quorum").asBoolean() ? Main.YES : Main.NO;
        }
    }

    @Command(name = "exporters", description = "Who gets the entries, and how far each is.")
    static final class ExportersNow extends AtlasCommand {
        @Override
        public Integer call() {
            JsonNode exporters =
                    Remote.control(shared(), Role.AUDITOR)
                            .read("/api/v1/journal/exporters")
                            .path("exporters");
            terminal()
                    .rows(
                            exporters,
                            List.of(
                                    Column.field("NAME", "name"),
                                    Column.field("STATE", "state"),
                                    Column.field("NEXT", "next"),
                                    Column.field("LAG", "lag"),
                                    Column.field("FORMAT", "format"),
                                    Column.field("CONTENT", "content"),
                                    Column.field("TO", "to"),
                                    Column.field("WHY", "failure")));
            for (JsonNode exporter : exporters) {
                if (!exporter.path("state").asText().equals("running")) {
                    return Main.NO;
                }
            }
            return Main.YES;
        }
    }

    /** An entry holds what strangers wrote, and JSON leaves half of the control characters in. */
    static String forPeople(JsonNode entry) {
        return Terminal.safe(entry.toPrettyString());
    }

    /** A search says it beside the fact, the stream in it. */
    private static JsonNode kind(JsonNode entry) {
        return entry.path("event").path("kind");
    }

    private static JsonNode who(JsonNode entry) {
        JsonNode event = entry.path("event");
        String who = event.path("actor").path("principal").asText("");
        if (who.isEmpty()) {
            who = event.path("principal").asText(event.path("source").asText("-"));
        }
        return TextNode.valueOf(who);
    }

    private static JsonNode what(JsonNode entry) {
        JsonNode event = entry.path("event");
        StringBuilder text = new StringBuilder();
        for (String field :
                List.of(
                        "gen_ai.request.model",
                        "status",
                        "code",
                        "action",
                        "resource",
                        "change",
                        "model",
                        "rule",
                        "act",
                        "purpose",
                        "reason",
                        "query",
                        "component")) {
            String value = event.path(field).asText("");
            if (!value.isEmpty()) {
                text.append(text.isEmpty() ? "" : " ").append(value);
            }
        }
        return TextNode.valueOf(
                text.length() > 90 ? text.substring(0, 90) + "..." : text.toString());
    }
}

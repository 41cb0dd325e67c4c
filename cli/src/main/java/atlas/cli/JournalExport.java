package atlas.cli;

import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.export.format.ExportContent;
import atlas.export.format.ExportEntry;
import atlas.export.format.ExportFormat;
import atlas.export.format.ExportLine;
import atlas.export.send.Delivery;
import atlas.export.send.Destination;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Gives entries to another system once; an exporter in the configuration does so all the time. */
@Command(
        name = "export",
        description = "Entries, oldest first, in the words of another system and to where it is.",
        footer = {
            "%nExamples:",
            "  atlas journal export --format ocsf > events.jsonl",
            "  atlas journal export --format cef --to syslog+tls://siem.example:6514 --trust"
                    + " siem.pem"
        })
final class JournalExport extends AtlasCommand {
    private static final int PAGE = 500;

    @Option(
            names = "--format",
            paramLabel = "F",
            defaultValue = "jsonl",
            description = "jsonl, ocsf or cef (default: ${DEFAULT-VALUE})")
    private ExportFormat format = ExportFormat.JSONL;

    @Option(
            names = "--to",
            paramLabel = "DESTINATION",
            description =
                    "file:PATH, syslog+tls://HOST:PORT, https://HOST/PATH or"
                            + " kafka://HOST:PORT/TOPIC (default: standard output)")
    private @Nullable String to;

    @Option(
            names = "--content",
            paramLabel = "C",
            defaultValue = "metadata",
            description =
                    "metadata, or full with prompts and answers as recorded (default:"
                            + " ${DEFAULT-VALUE})")
    private ExportContent content = ExportContent.METADATA;

    @Option(names = "--from", paramLabel = "INDEX", description = "the first entry (default: 0)")
    private @Nullable Long from;

    @Option(
            names = "--until",
            paramLabel = "INDEX",
            description = "the entry after the last (default: those there are now)")
    private @Nullable Long until;

    @Option(
            names = "--cursor",
            paramLabel = "FILE",
            description = "begin where this file says, and keep there what was delivered")
    private @Nullable Path cursor;

    @Option(
            names = "--trust",
            paramLabel = "FILE",
            description = "certificates that the receiver's leads to (PEM)")
    private @Nullable Path trust;

    @Option(names = "--certificate", paramLabel = "FILE", description = "ours, for the receiver")
    private @Nullable Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "the key of --certificate")
    private @Nullable Path key;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "holds the bearer token for https:")
    private @Nullable Path token;

    @Override
    public Integer call() throws IOException {
        Optional<Destination> destination = destination();
        Remote control = Remote.control(shared(), Role.AUDITOR);
        String origin = control.read("/api/v1/journal/checkpoint").path("origin").asText();
        Continuity got = new Continuity(begin());
        // What reading adds is left for next time, or this would never end.
        long end =
                until != null
                        ? until
                        : control.read("/api/v1/journal/health").path("size").asLong();
        try (Delivery delivery =
                destination.map(Destination::open).orElseGet(() -> new ToTerminal(terminal()))) {
            while (got.next() < end) {
                List<ExportLine> lines = page(control, origin, got.next(), end);
                if (lines.isEmpty()) {
                    break;
                }
                delivery.deliver(lines);
                lines.forEach(line -> got.take(line.index()).ifPresent(terminal()::say));
                keep(got.next());
            }
        } catch (IOException e) {
            throw Stop.unknown(
                    "cannot deliver from entry "
                            + got.next()
                            + " on: "
                            + e.getMessage()
                            + " (what came before was; go on with --from "
                            + got.next()
                            + ")");
        }
        terminal().say(got.summary());
        return Main.YES;
    }

    private Optional<Destination> destination() {
        if (to == null || to.equals("-")) {
            return Optional.empty();
        }
        try {
            ExportTargets.Files files =
                    new ExportTargets.Files(
                            Optional.ofNullable(trust),
                            Optional.ofNullable(certificate),
                            Optional.ofNullable(key));
            return Optional.of(ExportTargets.destination(to, format, files, token()));
        } catch (IllegalArgumentException e) {
            throw Stop.usage(String.valueOf(e.getMessage()));
        }
    }

    private Optional<Sensitive<String>> token() {
        if (token == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Sensitive.of(Files.readString(token).strip()));
        } catch (IOException e) {
            throw Stop.unknown("cannot read the token: " + e.getMessage());
        }
    }

    private long begin() throws IOException {
        if (from != null) {
            return from;
        }
        if (cursor == null || !Files.exists(cursor)) {
            return 0;
        }
        try {
            return Long.parseLong(Files.readString(cursor).strip());
        } catch (NumberFormatException e) {
            throw Stop.unknown("`" + cursor + "` holds no index; delete it to export everything");
        }
    }

    private void keep(long next) throws IOException {
        if (cursor != null) {
            Path aside = cursor.resolveSibling("." + cursor.getFileName() + ".new");
            Files.writeString(aside, next + "\n");
            Files.move(
                    aside,
                    cursor,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private List<ExportLine> page(Remote control, String origin, long next, long end) {
        String purpose =
                "export as "
                        + format.wireName()
                        + ", "
                        + content.wireName()
                        + ", to "
                        + (to == null ? "standard output" : to);
        JsonNode entries =
                control.read(
                                JournalReading.ENTRIES
                                        + "?order=oldest&limit="
                                        + Math.min(PAGE, end - next)
                                        + "&after="
                                        + (next - 1)
                                        + "&purpose="
                                        + Remote.segment(purpose))
                        .path("entries");
        List<ExportLine> lines = new ArrayList<>();
        for (JsonNode entry : entries) {
            lines.add(
                    format.line(
                            new ExportEntry(
                                    origin,
                                    entry.path("index").asLong(),
                                    Instant.parse(entry.path("when").asText()),
                                    entry.path("kind").asText(),
                                    entry.path("leaf_hash").asText(),
                                    entry.path("event").toString()),
                            content));
        }
        return lines;
    }

    /** Lines for whoever reads standard output. */
    private record ToTerminal(Terminal terminal) implements Delivery {
        @Override
        public void deliver(List<ExportLine> lines) {
            for (ExportLine line : lines) {
                terminal.print(new String(line.text(), StandardCharsets.UTF_8));
            }
        }

        @Override
        public void close() {
            // Standard output stays.
        }
    }
}

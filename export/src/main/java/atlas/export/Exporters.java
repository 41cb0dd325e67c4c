package atlas.export;

import atlas.core.AuditLog;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The exporters of one journal, each on a thread of its own.
 *
 * <p>Promises: every entry reaches every receiver at least once and in order, whatever stops and
 * starts in between; nothing leaves before the journal has it that the exporter runs. Refuses to
 * run an exporter whose cursor is not to be believed, or is ahead of the log. Never holds the
 * journal up. Thread-safe.
 */
public final class Exporters implements AutoCloseable {
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    private final List<Exporter> exporters;

    private Exporters(List<Exporter> exporters) {
        this.exporters = exporters;
    }

    /** What they work with; {@code log} is the journal that {@code source} reads. */
    public record Parts(EntrySource source, Cursors cursors, AuditLog log, Clock clock) {}

    /**
     * Starts them.
     *
     * @throws IllegalArgumentException when two have the same name
     */
    public static Exporters start(List<Export> exports, Parts parts) {
        return start(exports, parts, FIRST_WAIT, LONGEST_WAIT);
    }

    static Exporters start(
            List<Export> exports, Parts parts, Duration firstWait, Duration longestWait) {
        Set<String> names = new HashSet<>();
        List<Exporter> made = new ArrayList<>();
        for (Export export : exports) {
            if (!names.add(export.name())) {
                throw new IllegalArgumentException(
                        "there are two exporters called `" + export.name() + "`");
            }
            made.add(new Exporter(export, parts, new Backoff(firstWait, longestWait)));
        }
        made.forEach(Exporter::start);
        return new Exporters(List.copyOf(made));
    }

    /** Something new is in the log; returns at once. */
    public void wake() {
        exporters.forEach(Exporter::wake);
    }

    /** How each is doing, in the order of the configuration. */
    public List<ExportStatus> status() {
        return exporters.stream().map(Exporter::status).toList();
    }

    /** Stops them all; what was not confirmed is sent again by the next start. */
    @Override
    public void close() {
        exporters.forEach(Exporter::close);
    }
}

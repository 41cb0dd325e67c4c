package atlas.control;

import atlas.core.crypto.Sealer;
import atlas.export.EntrySource;
import atlas.export.Export;
import atlas.export.ExportStatus;
import atlas.export.Exporters;
import atlas.export.SealedCursors;
import atlas.export.format.ExportEntry;
import atlas.journal.Journal;
import atlas.watch.Metrics;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The exporters of a home's journal, with their cursors in the home and their lag in its metrics.
 */
final class HomeExports implements AutoCloseable {
    /** Where in a home the cursors lie. */
    static final String FOLDER = "exports";

    private final Exporters exporters;

    private HomeExports(Exporters exporters) {
        this.exporters = exporters;
    }

    /** What a home lends its exporters: {@code cursors} is a folder, {@code sealer} theirs. */
    record Lent(Journal journal, Path cursors, Sealer sealer) {}

    static HomeExports start(List<Export> exports, Lent lent, Metrics metrics, Clock clock) {
        Journal journal = lent.journal();
        String origin = journal.checkpoint().origin();
        Exporters exporters =
                Exporters.start(
                        exports,
                        new Exporters.Parts(
                                new Entries(journal, origin),
                                new SealedCursors(lent.cursors(), lent.sealer(), origin),
                                journal,
                                clock));
        if (!exports.isEmpty()) {
            journal.onAppended(_ -> exporters.wake());
            measure(metrics, exporters);
        }
        return new HomeExports(exporters);
    }

    private static void measure(Metrics metrics, Exporters exporters) {
        metrics.gauge(
                "atlas_journal_export_lag_entries",
                "Durable entries that an exporter has not delivered",
                "exporter",
                () -> each(exporters, ExportStatus::lag));
        metrics.gauge(
                "atlas_journal_export_up",
                "Whether an exporter's last try was confirmed, or nothing is to do",
                "exporter",
                () -> each(exporters, s -> s.state() == ExportStatus.State.RUNNING ? 1 : 0));
    }

    private static Map<String, Double> each(
            Exporters exporters, ToDoubleFunction<ExportStatus> value) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (ExportStatus status : exporters.status()) {
            values.put(status.export().name(), value.applyAsDouble(status));
        }
        return values;
    }

    List<ExportStatus> status() {
        return exporters.status();
    }

    @Override
    public void close() {
        exporters.close();
    }

    /** A journal as exporters see it. */
    private record Entries(Journal journal, String origin) implements EntrySource {
        @Override
        public long size() {
            return journal.size();
        }

        @Override
        public List<ExportEntry> read(long from, int most) {
            return journal.entries(from, most).stream()
                    .map(entry ->
                            new ExportEntry(
                                    origin,
                                    entry.index(),
                                    entry.when(),
                                    entry.kind(),
                                    entry.leafHash().hex(),
                                    entry.json()))
                    .toList();
        }
    }
}

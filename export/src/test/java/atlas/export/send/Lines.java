package atlas.export.send;

import atlas.export.format.EveryFact;
import atlas.export.format.ExportContent;
import atlas.export.format.ExportFormat;
import atlas.export.format.ExportLine;
import java.util.List;

/** Lines to deliver. */
final class Lines {
    private Lines() {}

    static List<ExportLine> some() {
        return EveryFact.entries("x").stream()
                .map(entry -> ExportFormat.JSONL.line(entry, ExportContent.METADATA))
                .toList();
    }
}

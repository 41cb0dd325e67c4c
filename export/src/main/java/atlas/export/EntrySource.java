package atlas.export;

import atlas.export.format.ExportEntry;
import java.util.List;

/** The journal as exporters see it: entries by index, opened. Implementations are thread-safe. */
public interface EntrySource {
    /** The name of the log. */
    String origin();

    /** Durable entries; never less than before. */
    long size();

    /**
     * Entries from {@code from} on, or from the first that retention has left, without a gap; at
     * least one when there is one, at most {@code most}; blocks on disk.
     *
     * @throws RuntimeException when they are there and cannot be read now
     */
    List<ExportEntry> read(long from, int most);
}

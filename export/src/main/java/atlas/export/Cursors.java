package atlas.export;

import java.util.OptionalLong;

/** Where each exporter stands, kept over restarts. Implementations are thread-safe. */
public interface Cursors {
    /**
     * The next entry of this exporter; empty for one that never delivered any.
     *
     * @throws ExportException when something is kept and cannot be believed
     */
    OptionalLong load(String exporter);

    /** Keeps it; durable when this returns. */
    void save(String exporter, long next);
}

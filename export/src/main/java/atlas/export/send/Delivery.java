package atlas.export.send;

import atlas.export.format.ExportLine;
import java.io.IOException;
import java.util.List;

/** A way to one receiver. Used by one thread; {@link #close} may come from another. */
public interface Delivery extends AutoCloseable {
    /**
     * Delivers these lines, in order, and returns when the receiver has confirmed all of them.
     *
     * @throws IOException when that is not known; some may have arrived, all have to be sent again
     */
    void deliver(List<ExportLine> lines) throws IOException;

    /** Gives up what is under way. */
    @Override
    void close();
}

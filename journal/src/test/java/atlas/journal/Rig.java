package atlas.journal;

import java.nio.file.Path;
import java.util.List;

/** A driver of the journal as its contract needs it: one log, wherever it lies. */
interface Rig extends AutoCloseable {

    /** A member of the log in this home; of a log of one's own there is one at a time. */
    Journal open(Path home);

    /** The same, whose nth write while publishing fails, done or not. */
    Journal openBreaking(Path home, int nth, boolean persists);

    /** Which of those writes each build makes fail. */
    Sampled publishing();

    /** Whether that write was reached. */
    boolean broke();

    /** The log's directory, or a copy of it as it is now. */
    Path log();

    /** Everything kept anywhere, as text. */
    List<String> kept();

    /** What {@link ContractWriter} needs to open a member of this log in another process. */
    List<String> arguments();

    @Override
    void close();
}

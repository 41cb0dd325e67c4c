package atlas.export;

import java.time.Instant;
import java.util.Optional;

/**
 * How an exporter is doing.
 *
 * @param next the next entry it has to deliver
 * @param lag durable entries not delivered yet
 * @param delivered when a batch was last confirmed, in this life of the process
 * @param failure why it is waiting or refused to run; empty otherwise
 */
public record ExportStatus(
        Export export,
        State state,
        long next,
        long lag,
        Optional<Instant> delivered,
        String failure) {

    /** What an exporter is doing. */
    public enum State {
        /** Delivers what there is. */
        RUNNING,
        /** The last try failed; it waits and tries again. */
        RETRYING,
        /** It will not go on until somebody looks. */
        REFUSED,
        /** It was closed. */
        STOPPED
    }
}

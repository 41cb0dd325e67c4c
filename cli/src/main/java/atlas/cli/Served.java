package atlas.cli;

import java.net.URI;
import java.util.Map;

/** One role that runs in this process, until it is closed. */
interface Served extends AutoCloseable {
    /** What listens, by role; for the run file and whoever starts it. */
    Map<String, URI> listening();

    /** Lets what is under way end. */
    @Override
    void close();
}

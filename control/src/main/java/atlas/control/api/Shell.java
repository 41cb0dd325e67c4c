package atlas.control.api;

import atlas.control.login.Door;
import atlas.runtime.http.Exchange;
import java.util.List;
import java.util.stream.Stream;

/**
 * Everything on this port that answers without a credential: the console's static files and the
 * doors through which one signs in. What is not here is behind {@link Callers}.
 */
public final class Shell {
    private final ConsoleFiles files;
    private final SessionDoor session;
    private final List<Door> doors;

    public Shell(ConsoleFiles files, SessionDoor session, List<Door> doors) {
        this.files = files;
        this.session = session;
        this.doors = List.copyOf(doors);
    }

    /** What it answers, as {@code METHOD /path}, with {@code open} before what strangers reach. */
    List<String> routes() {
        return Stream.of(
                        files.routes().stream().map(route -> "open " + route),
                        session.routes().stream(),
                        doors.stream()
                                .flatMap(door -> door.routes().stream().map(r -> "open " + r)))
                .flatMap(one -> one)
                .toList();
    }

    /** Answers when the call is for one of these, under one of this server's own names. */
    boolean serve(Exchange exchange) throws Refusal, Door.Shut {
        if (!exchange.knownHere()) {
            return false;
        }
        if (files.serve(exchange) || session.serve(exchange)) {
            return true;
        }
        for (Door door : doors) {
            if (door.serve(exchange)) {
                return true;
            }
        }
        return false;
    }
}

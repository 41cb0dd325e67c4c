package atlas.control;

import java.util.ArrayList;
import java.util.List;

/** What a server certificate is for: this machine, and the names and addresses it is reached by. */
record ServerNames(List<String> names, List<String> addresses) {
    static ServerNames with(List<String> more) {
        List<String> names = new ArrayList<>(List.of("localhost"));
        List<String> addresses = new ArrayList<>(List.of("127.0.0.1", "::1"));
        for (String name : more) {
            boolean literal = name.indexOf(':') >= 0 || name.matches("[0-9.]+");
            (literal ? addresses : names).add(name);
        }
        return new ServerNames(names, addresses);
    }
}

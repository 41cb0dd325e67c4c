package atlas.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/** Where the Atlas of a home listens now, so that commands beside it find it. */
final class RunFile {
    static final String NAME = "run.json";

    private RunFile() {}

    /** Writes what listens, by role. */
    static void write(Path home, Map<String, URI> listening) throws IOException {
        ObjectNode addresses = Remote.object();
        listening.forEach((role, address) -> addresses.put(role, address.toString()));
        addresses.put("pid", ProcessHandle.current().pid());
        Path next = home.resolve(NAME + ".new");
        Files.writeString(next, addresses + "\n");
        Files.move(next, home.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    }

    static void remove(Path home) throws IOException {
        Files.deleteIfExists(home.resolve(NAME));
    }

    static URI read(Path file, String which) {
        try {
            JsonNode address = Remote.JSON.readTree(Files.readString(file)).path(which);
            if (!address.isTextual()) {
                throw Stop.unknown(file + " names no " + which);
            }
            return URI.create(address.asText());
        } catch (IOException | IllegalArgumentException e) {
            throw Stop.unknown("cannot read " + file + ": " + e.getMessage());
        }
    }
}

package atlas.control.posture;

import atlas.core.Sensitive;
import atlas.posture.Control;
import atlas.posture.Measurement;
import atlas.posture.Measurement.Observation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Walks every route as a stranger and with a key that is none: 401 and the same bytes each time.
 */
final class StrangersCheck implements Check {
    private static final Pattern VARIABLE = Pattern.compile("\\{[^}]*}");
    private static final List<String> NOWHERE = List.of("GET /", "GET /health", "POST /no/such");
    private static final Sensitive<String> WRONG = Sensitive.of("nobody-issued-this");

    private final Facing facing;

    StrangersCheck(Facing facing) {
        this.facing = facing;
    }

    @Override
    public Control control() {
        return Control.AUTHENTICATION;
    }

    @Override
    public Measurement measure(Drill drill) throws IOException, InterruptedException {
        if (facing.gateway().isEmpty()) {
            return Measurement.unknown(control(), "this control plane knows no gateway to ask");
        }
        Walk gateway = new Walk(drill, facing.gateway().get());
        Walk own = new Walk(drill, facing.control());
        List<Observation> seen = List.of(gateway.of("gateway"), own.of("control plane"));
        return Measurement.of(
                control(),
                "%d requests without a valid credential, on every route"
                        .formatted(gateway.asked + own.asked),
                seen);
    }

    /** A route's path with something in place of each variable. */
    static String path(String pattern) {
        return VARIABLE.matcher(pattern).replaceAll("1");
    }

    /** One door, walked through. */
    private static final class Walk {
        private final Drill drill;
        private final Facing.Door door;
        private final Set<String> bodies = new HashSet<>();
        private final List<String> open = new ArrayList<>();
        private int asked;

        Walk(Drill drill, Facing.Door door) {
            this.drill = drill;
            this.door = door;
        }

        Observation of(String name) throws IOException, InterruptedException {
            List<String> lines = new ArrayList<>(door.routes());
            // The console's page lies in the open, and is listed so.
            NOWHERE.stream().filter(line -> !lines.contains("open " + line)).forEach(lines::add);
            for (String line : lines) {
                if (!line.startsWith("open ")) {
                    ask(line, null);
                    ask(line, WRONG);
                }
            }
            if (!open.isEmpty()) {
                return Observation.bad(name + " answers strangers: " + String.join("; ", open));
            }
            return Observation.of(
                    bodies.size() == 1,
                    "%s refused %d of %d with 401, in %d form%s"
                            .formatted(
                                    name,
                                    asked,
                                    asked,
                                    bodies.size(),
                                    bodies.size() == 1 ? "" : "s"));
        }

        private void ask(String line, @Nullable Sensitive<String> credential)
                throws IOException, InterruptedException {
            String[] parts = line.split(" ", 2);
            Drill.Answer answer = drill.ask(door, parts[0], path(parts[1]), credential, "");
            asked++;
            if (answer.status() == 401) {
                bodies.add(answer.body());
            } else {
                open.add(line + " (" + answer.status() + ")");
            }
        }
    }
}

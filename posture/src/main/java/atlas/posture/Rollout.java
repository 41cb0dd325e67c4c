package atlas.posture;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What is to be done, in phases. The file lists tasks as plain texts; a check is bound to a task by
 * its words, or by name where the words do not say it.
 *
 * <pre>
 * zero_trust_rollout:
 *   phase_1:
 *     name: Foundation
 *     tasks:
 *       - Enable authentication on all endpoints
 *       - {task: Tidy the roles, control: roles, claimed: true}
 * </pre>
 */
public record Rollout(List<Phase> phases) {
    public Rollout {
        phases = List.copyOf(phases);
    }

    /** A phase; its number is its place in the file, from 1. */
    public record Phase(int number, String name, List<Task> tasks) {
        public Phase {
            tasks = List.copyOf(tasks);
        }
    }

    /**
     * A task.
     *
     * @param control what measures it; empty when nothing does
     * @param claimed whether the file says that it is done
     */
    public record Task(String text, Optional<Control> control, boolean claimed) {
        /** Its name over several measurements. */
        public String key() {
            return control.map(Control::wireName).orElse(text);
        }
    }

    /**
     * Reads a rollout file.
     *
     * @throws RolloutException naming the line and how to mend it
     */
    public static Rollout parse(String yaml) {
        return new RolloutFile(yaml).read();
    }

    /** The rollout that Atlas is built to: Foundation, Network, Advanced. */
    public static Rollout standard() {
        return parse(standardText());
    }

    /** Its file, as a beginning for one's own. */
    public static String standardText() {
        try (InputStream in = Rollout.class.getResourceAsStream("zero-trust-rollout.yaml")) {
            if (in == null) {
                throw new IllegalStateException("the rollout file is not in the distribution");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package atlas.watch;

import java.util.List;

/** What a detector saw, before repeats are folded together. */
record Signal(
        String rule,
        String severity,
        String subject,
        String principal,
        String explanation,
        List<Long> evidence) {
    Signal {
        evidence = List.copyOf(evidence);
    }
}

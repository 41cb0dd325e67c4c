package atlas.watch.behaviour;

import java.time.Instant;
import java.util.List;

/**
 * What a rule found, before repeats are folded together.
 *
 * @param rule the rule's name, a kind of misbehaviour
 * @param subject whom or what it is about
 * @param first the first act that belongs to it
 * @param last the act that decided it
 * @param score how far beyond its limit, 1 being the limit itself
 * @param explanation what was seen, against what is usual, the weightiest first
 * @param evidence journal indexes, oldest first
 */
public record Finding(
        String rule,
        String severity,
        String subject,
        String principal,
        String tenant,
        Instant first,
        Instant last,
        double score,
        String explanation,
        List<Long> evidence) {
    public Finding {
        evidence = List.copyOf(evidence);
    }

    Finding decidedAt(Instant when) {
        return new Finding(
                rule,
                severity,
                subject,
                principal,
                tenant,
                first,
                when,
                score,
                explanation,
                evidence);
    }
}

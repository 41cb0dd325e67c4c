package atlas.guard;

import atlas.core.AuditEvent.Finding;
import java.util.List;

/**
 * One text judged.
 *
 * @param score 0 to 1; 0.5 is the shipped block threshold of every channel
 */
public record Scored(double score, Verdict verdict, List<Finding> findings) {
    public Scored {
        findings = List.copyOf(findings);
    }
}

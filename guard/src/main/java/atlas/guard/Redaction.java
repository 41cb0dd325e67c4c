package atlas.guard;

import atlas.core.AuditEvent.Finding;
import java.util.List;

/**
 * A text after the output filter.
 *
 * @param text what may be shown
 * @param findings what was taken out; offsets are UTF-16 units of the text that went in
 */
public record Redaction(String text, List<Finding> findings) {
    public Redaction {
        findings = List.copyOf(findings);
    }
}

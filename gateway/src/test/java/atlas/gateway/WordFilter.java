package atlas.gateway;

import atlas.core.AuditEvent.Finding;
import atlas.core.AuditEvent.GuardReport;
import atlas.guard.OutputFilter;
import java.util.ArrayList;
import java.util.List;

/** Takes one word out of a text that comes in one piece, and stops at another. */
final class WordFilter implements OutputFilter.Session {
    static final String STOP = "leak";

    private final List<Finding> findings = new ArrayList<>();
    private long chars;
    private boolean blocked;

    @Override
    public String feed(String text) {
        chars += text.length();
        if (text.contains(STOP)) {
            blocked = true;
            return "";
        }
        if (text.contains(World.SECRET)) {
            findings.add(new Finding("SECRET", "test", "", 0, 20, 1));
        }
        return text.replace(World.SECRET, "[SECRET]");
    }

    @Override
    public String finish() {
        return "";
    }

    @Override
    public GuardReport report() {
        return new GuardReport("scanned", chars, chars, List.of("test/1"), 0, findings);
    }

    @Override
    public boolean blocked() {
        return blocked;
    }
}

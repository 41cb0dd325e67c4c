package atlas.gateway.openai;

import atlas.core.AuditEvent.Finding;
import atlas.core.AuditEvent.GuardReport;
import atlas.guard.OutputFilter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A small exact filter for tests: takes out one word, holds back what may become it, and stops the
 * answer at another word. Says the same about a text however it was cut.
 */
public final class Lockstep implements OutputFilter.Session {
    public static final String SECRET = "AKIAIOSFODNN7EXAMPLE";
    static final String STOP = "system prompt";

    private final StringBuilder held = new StringBuilder();
    private final List<Finding> findings = new ArrayList<>();
    private long bytes;
    private boolean blocked;

    @Override
    public String feed(String text) {
        bytes += text.getBytes(StandardCharsets.UTF_8).length;
        held.append(text);
        return drain(false);
    }

    @Override
    public String finish() {
        return drain(true);
    }

    private String drain(boolean all) {
        StringBuilder out = new StringBuilder();
        int i = 0;
        while (i < held.length() && !blocked) {
            String rest = held.substring(i);
            if (rest.startsWith(SECRET)) {
                findings.add(new Finding("SECRET", "test", "", 0, SECRET.length(), 1));
                out.append("[SECRET]");
                i += SECRET.length();
            } else if (rest.startsWith(STOP)) {
                blocked = true;
            } else if (!all && (SECRET.startsWith(rest) || STOP.startsWith(rest))) {
                break;
            } else {
                out.append(held.charAt(i++));
            }
        }
        held.delete(0, blocked ? held.length() : i);
        return out.toString();
    }

    @Override
    public GuardReport report() {
        return new GuardReport("scanned", bytes, bytes, List.of("test/1"), 0, findings);
    }

    @Override
    public boolean blocked() {
        return blocked;
    }
}

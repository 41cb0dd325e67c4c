package atlas.guard;

import atlas.core.AuditEvent.Finding;
import atlas.core.AuditEvent.GuardReport;
import atlas.guard.output.LeakWatch;
import atlas.guard.output.Scrubber;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Takes secrets, personal data and protected texts out of what a model says. Each is replaced by
 * {@code [REDACTED:TYPE]}. Thread-safe; sessions are not. Never blocks and keeps nothing beyond a
 * session.
 *
 * <p>A session gives the same text whatever pieces its input comes in. It withholds the token it is
 * in, {@link #MAX_WITHHELD} UTF-16 units at most; prose is late by a word.
 */
public final class OutputFilter {
    /** Version of the detectors, as it appears in reports. */
    public static final String VERSION = "output-1";

    /** The most that a session keeps back, in UTF-16 units. */
    public static final int MAX_WITHHELD = Scrubber.LONGEST + 1024;

    private static final int MAX_FINDINGS = 64;

    private final Set<String> unredacted;

    private OutputFilter(Set<String> unredacted) {
        this.unredacted = unredacted;
    }

    /** A filter with this configuration. */
    public static OutputFilter load(GuardConfig config) {
        return new OutputFilter(Set.copyOf(config.unredacted()));
    }

    /** Starts filtering one streamed answer that must not repeat {@code protectedTexts}. */
    public Session open(List<String> protectedTexts) {
        return new Filtering(new LeakWatch(protectedTexts), new Scrubber(unredacted));
    }

    /** Filters a whole text. */
    public Redaction redact(String text) {
        return redact(text, List.of());
    }

    /** Filters a whole text that must not repeat {@code protectedTexts}. */
    public Redaction redact(String text, List<String> protectedTexts) {
        Filtering session = new Filtering(new LeakWatch(protectedTexts), new Scrubber(unredacted));
        String shown = session.feed(text) + session.finish();
        return new Redaction(shown, session.findings(Integer.MAX_VALUE));
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

    private static final class Filtering implements Session {
        private final LeakWatch leaks;
        private final Scrubber scrubber;
        private long bytes;

        Filtering(LeakWatch leaks, Scrubber scrubber) {
            this.leaks = leaks;
            this.scrubber = scrubber;
        }

        @Override
        public String feed(String text) {
            bytes += PromptGuard.utf8Length(text, 0, text.length());
            return scrubber.feed(leaks.idle() ? text : leaks.feed(text));
        }

        @Override
        public String finish() {
            String rest = leaks.idle() ? "" : scrubber.feed(leaks.finish());
            return rest + scrubber.finish();
        }

        @Override
        public GuardReport report() {
            return new GuardReport(
                    "scanned",
                    bytes,
                    bytes,
                    List.of(VERSION),
                    blocked() ? 1 : 0,
                    findings(MAX_FINDINGS));
        }

        @Override
        public boolean blocked() {
            return !leaks.leaks().isEmpty();
        }

        List<Finding> findings(int most) {
            List<Finding> findings = new ArrayList<>();
            for (LeakWatch.Leak leak : leaks.leaks()) {
                findings.add(finding("SYSTEM_PROMPT", "verbatim", leak.start(), leak.end()));
            }
            for (Scrubber.Found found : scrubber.findings()) {
                findings.add(
                        finding(
                                found.type(),
                                found.rule(),
                                original(found.start()),
                                original(found.end())));
            }
            findings.sort((a, b) -> Integer.compare(a.start(), b.start()));
            return findings.size() > most ? findings.subList(0, most) : findings;
        }

        /** Where an offset of the text after the leak watch was in the text before it. */
        private long original(long offset) {
            long shift = 0;
            for (LeakWatch.Leak leak : leaks.leaks()) {
                if (offset >= leak.outputAt() + leak.outputLength()) {
                    shift = leak.end() - (leak.outputAt() + leak.outputLength());
                }
            }
            return offset + shift;
        }

        private static Finding finding(String type, String rule, long start, long end) {
            int from = (int) Math.min(Integer.MAX_VALUE, start);
            int to = (int) Math.min(Integer.MAX_VALUE, end);
            return new Finding(type, rule, "answer", from, to, 1);
        }
    }
}

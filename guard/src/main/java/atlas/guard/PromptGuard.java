package atlas.guard;

import atlas.core.AuditEvent.Finding;
import atlas.core.AuditEvent.GuardReport;
import atlas.guard.model.Head;
import atlas.guard.model.LinearModel;
import atlas.guard.model.Reading;
import atlas.guard.signature.Hit;
import atlas.guard.signature.Signatures;
import atlas.guard.text.Mark;
import atlas.guard.text.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges prompts before a model sees them: canonical text, hand-written signatures, a trained
 * linear classifier. Thread-safe; never blocks; keeps nothing. A prompt longer than the configured
 * budget is looked at as far as the budget goes, and the report says so.
 */
public final class PromptGuard {
    private static final int MAX_FINDINGS = 32;
    private static final double DECISIVE_SCORE = 0.98;
    private static final double HINT_SCORE = 0.49;
    private static final int SHORT = 32;
    private static final int TELLING = 2;

    private final GuardConfig config;
    private final Signatures signatures;
    private final LinearModel model;
    private final String version;
    private final List<String> detectors;

    private PromptGuard(GuardConfig config, Signatures signatures, ShippedModel shipped) {
        this.config = config;
        this.signatures = signatures;
        this.model = shipped.file().model();
        String digest = shipped.digest().hex().substring(0, 12);
        this.version = "signatures-" + signatures.version() + "+linear-" + digest;
        this.detectors =
                List.of("canonical-1", "signatures-" + signatures.version(), "linear-" + digest);
    }

    /**
     * Loads and verifies the shipped classifier.
     *
     * @throws GuardException when the model file is not the one this build was made with
     */
    public static PromptGuard load(GuardConfig config) {
        Signatures signatures = Signatures.shipped();
        return new PromptGuard(config, signatures, ShippedModel.load(signatures));
    }

    /** Judges all parts of one request together; the worst part decides. */
    public Inspection inspect(List<PromptPart> parts) {
        Tally tally = new Tally(config.maxScannedChars());
        for (PromptPart part : parts) {
            String text = tally.take(part.text());
            if (!text.isEmpty()) {
                tally.add(part, judge(text, head(part.channel()), part.name()));
            }
        }
        GuardReport report =
                new GuardReport(
                        tally.coverage(),
                        tally.scannedBytes,
                        tally.totalBytes,
                        detectors,
                        tally.score,
                        tally.findings);
        if (tally.score >= config.blockScore()) {
            return new Inspection.Blocked(
                    report, "`" + tally.worst + "` reads like a prompt injection");
        }
        if (config.blockPartial() && tally.partial) {
            return new Inspection.Blocked(
                    report,
                    "the prompt is too long or too deeply encoded to be inspected completely");
        }
        return tally.score >= config.flagScore()
                ? new Inspection.Flagged(report)
                : new Inspection.Clean(report);
    }

    /** Judges one text. */
    public Scored score(String text, Channel channel) {
        return scored(judge(text, head(channel), ""));
    }

    /** Judges one text of which nobody knows who said it. */
    public Scored score(String text) {
        return scored(judge(text, null, ""));
    }

    /** Version of signatures and classifier, as it appears in reports. */
    public String version() {
        return version;
    }

    private Scored scored(Judged judged) {
        Verdict verdict =
                judged.score() >= config.blockScore()
                        ? Verdict.BLOCK
                        : judged.score() >= config.flagScore() ? Verdict.FLAG : Verdict.ALLOW;
        return new Scored(judged.score(), verdict, judged.findings());
    }

    private static Head head(Channel channel) {
        return channel.untrusted() ? Head.CARRIED : Head.SPEAKER;
    }

    private Judged judge(String text, @Nullable Head head, String where) {
        Reading.All readings = Reading.of(text, signatures);
        LinearModel.Worst worst = model.judge(readings, head, signatures);
        double score = 1 / (1 + Math.exp(-worst.margin()));
        List<Finding> findings = new ArrayList<>(0);
        if (text.length() < SHORT && !telling(readings)) {
            // A few words give n-grams too little to go by: they may raise a flag, not refuse.
            score = Math.min(score, HINT_SCORE);
        }
        for (Reading reading : readings.readings()) {
            for (Hit hit : reading.evidence().hits()) {
                if (hit.family().decisive()) {
                    score = Math.max(score, DECISIVE_SCORE);
                }
                if (findings.size() < MAX_FINDINGS) {
                    findings.add(finding(hit, reading.view(), where));
                }
            }
        }
        if (score >= config.flagScore()) {
            findings.add(
                    new Finding(
                            "prompt_injection",
                            "linear",
                            where,
                            worst.start(),
                            worst.end(),
                            score));
        }
        return new Judged(score, findings, readings.marks().contains(Mark.OVER_BUDGET));
    }

    private static boolean telling(Reading.All readings) {
        return readings.readings().stream()
                .flatMap(r -> r.evidence().hits().stream())
                .anyMatch(h -> h.family().severity() >= TELLING);
    }

    private static Finding finding(Hit hit, View view, String where) {
        int first = view.start(hit.start());
        int last = view.start(hit.end() - 1);
        int start = Math.min(first, last);
        int end = Math.max(view.end(hit.start()), view.end(hit.end() - 1));
        return new Finding(
                "signature", hit.family().id(), where, start, end, hit.family().severity() / 4.0);
    }

    /** {@code unread}: layers were left packed because the budget for unpacking ended. */
    private record Judged(double score, List<Finding> findings, boolean unread) {}

    /** What has been added up over the parts of one request. */
    private static final class Tally {
        private final List<Finding> findings = new ArrayList<>(0);
        private int budget;
        private long scannedBytes;
        private long totalBytes;
        private double score;
        private boolean partial;
        private String worst = "";

        Tally(int budget) {
            this.budget = budget;
        }

        /** The piece of {@code text} that is still within the budget. */
        String take(String text) {
            int keep = Math.min(budget, text.length());
            if (keep > 0
                    && keep < text.length()
                    && Character.isHighSurrogate(text.charAt(keep - 1))) {
                keep--;
            }
            budget -= keep;
            long bytes = utf8Length(text, 0, keep);
            scannedBytes += bytes;
            totalBytes += bytes + utf8Length(text, keep, text.length());
            partial |= keep < text.length();
            return keep == text.length() ? text : text.substring(0, keep);
        }

        void add(PromptPart part, Judged judged) {
            for (Finding finding : judged.findings()) {
                if (findings.size() < MAX_FINDINGS) {
                    findings.add(finding);
                }
            }
            partial |= judged.unread();
            if (judged.score() > score) {
                score = judged.score();
                worst = part.name();
            }
        }

        String coverage() {
            return partial ? "partial" : "scanned";
        }
    }

    /** How many bytes these characters are in UTF-8. */
    static long utf8Length(String text, int from, int to) {
        long bytes = to - from;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            // A surrogate pair is two characters and four bytes.
            bytes += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
        }
        return bytes;
    }
}

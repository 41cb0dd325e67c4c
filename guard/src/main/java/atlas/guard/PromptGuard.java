package atlas.guard;

import atlas.core.AuditEvent.Finding;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.Unread;
import atlas.guard.model.Blend;
import atlas.guard.model.Cascade;
import atlas.guard.model.Reading;
import atlas.guard.signature.Hit;
import atlas.guard.signature.Signatures;
import atlas.guard.text.Mark;
import atlas.guard.text.View;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Judges prompts before a model sees them: canonical text, hand-written signatures, a trained
 * linear classifier, and an encoder for what that leaves uncertain. Thread-safe; never blocks;
 * keeps nothing. A prompt longer than the configured budget is looked at as far as the budget goes,
 * and the report says so.
 */
public final class PromptGuard {
    private static final int MAX_FINDINGS = 32;

    /** Parts of a request that are named as not read; the rest is added up. */
    private static final int MAX_UNREAD = 32;

    private static final double DECISIVE_SCORE = 0.98;
    private static final double HINT = 0.01;
    private static final double FEW_WORDS = 0.9;
    private static final int SHORT = 32;
    private static final int TELLING = 2;

    private final GuardSettings settings;
    private final Thresholds thresholds;
    private final Signatures signatures;
    private final Cascade model;
    private final String version;
    private final List<String> detectors;

    private PromptGuard(GuardSettings settings, Optional<Thresholds> given) {
        this.settings = settings;
        this.signatures = Signatures.shipped();
        ShippedModel shipped = ShippedModel.load(signatures);
        this.model = shipped.file().cascade();
        String digest = shipped.digest().hex().substring(0, 12);
        this.version = "signatures-" + signatures.version() + "+cascade-" + digest;
        this.detectors =
                List.of(
                        "canonical-1",
                        "signatures-" + signatures.version(),
                        "linear-" + digest,
                        "encoder-" + digest);
        this.thresholds =
                given.or(() -> settings.thresholds().map(file -> Thresholds.read(file, version)))
                        .orElseGet(this::shipped);
    }

    /**
     * Loads and verifies the shipped classifier.
     *
     * @throws GuardException when the model file is not the one this build was made with
     */
    public static PromptGuard load(GuardConfig config) {
        GuardSettings defaults = GuardSettings.defaults();
        GuardSettings settings =
                new GuardSettings(
                        defaults.mode(),
                        defaults.rules(),
                        defaults.exemptions(),
                        defaults.thresholds(),
                        config.maxScannedChars(),
                        config.blockPartial(),
                        config.unredacted());
        return new PromptGuard(
                settings, Optional.of(Thresholds.same(config.flagScore(), config.blockScore())));
    }

    /**
     * Loads and verifies the shipped classifier, with modes and thresholds of somebody's own.
     *
     * @throws GuardException when the model file is not the one this build was made with, or the
     *     thresholds are not for it
     */
    public static PromptGuard load(GuardSettings settings) {
        return new PromptGuard(settings, Optional.empty());
    }

    /**
     * Judges all parts of one request together, in the mode that is set for it at this moment; the
     * worst part decides.
     */
    public Inspection inspect(List<PromptPart> parts, GuardSettings.Asked asked, Instant now) {
        GuardMode mode = settings.mode(asked, now);
        if (mode == GuardMode.OFF) {
            Tally nobody = new Tally(0);
            parts.forEach(nobody::take);
            return new Inspection.Clean(GuardReport.skipped(nobody.totalBytes, nobody.unread));
        }
        Inspection found = inspect(parts);
        if (mode == GuardMode.BLOCK) {
            return found;
        }
        GuardReport report = labelled(found.report(), mode);
        return mode == GuardMode.FLAG && !(found instanceof Inspection.Clean)
                ? new Inspection.Flagged(report)
                : new Inspection.Clean(report);
    }

    /** The report with the mode among the detectors, so that the journal tells why it went on. */
    private static GuardReport labelled(GuardReport report, GuardMode mode) {
        List<String> detectors = new ArrayList<>(report.detectors());
        detectors.add("mode-" + mode.wireName());
        return new GuardReport(
                report.coverage(),
                report.scannedBytes(),
                report.totalBytes(),
                detectors,
                report.score(),
                report.findings(),
                report.unread());
    }

    /** Judges all parts of one request together; the worst part decides. */
    public Inspection inspect(List<PromptPart> parts) {
        Tally tally = new Tally(settings.maxScannedChars());
        for (PromptPart part : parts) {
            String text = tally.take(part);
            if (!text.isEmpty()) {
                Thresholds.For kind = Thresholds.For.of(part.channel());
                tally.add(part, judge(text, kind, part.name()), thresholds.of(kind));
            }
        }
        GuardReport report =
                new GuardReport(
                        tally.coverage(),
                        tally.scannedBytes,
                        tally.totalBytes,
                        detectors,
                        tally.score,
                        tally.findings,
                        tally.unread);
        if (tally.verdict == Verdict.BLOCK) {
            return new Inspection.Blocked(
                    report, "`" + tally.worst + "` reads like a prompt injection");
        }
        if (settings.blockPartial() && tally.partial) {
            return new Inspection.Blocked(
                    report,
                    "the prompt is too long or too deeply encoded to be inspected completely");
        }
        return tally.verdict == Verdict.FLAG
                ? new Inspection.Flagged(report)
                : new Inspection.Clean(report);
    }

    /** Judges one text. */
    public Scored score(String text, Channel channel) {
        return scored(text, Thresholds.For.of(channel));
    }

    /** Judges one text of which nobody knows who said it. */
    public Scored score(String text) {
        return scored(text, Thresholds.For.UNKNOWN);
    }

    /** What the settings ask of the guard itself. */
    public GuardConfig config() {
        return settings.config();
    }

    /** The thresholds that the shipped scores are laid out for. */
    Thresholds shipped() {
        return Thresholds.same(Blend.FLAG, Blend.BLOCK);
    }

    /** The score from which a text of an unknown channel is flagged. */
    double flagScore() {
        return thresholds.of(Thresholds.For.UNKNOWN).flag();
    }

    /** Version of signatures and classifier, as it appears in reports. */
    public String version() {
        return version;
    }

    private Scored scored(String text, Thresholds.For kind) {
        Judged judged = judge(text, kind, "");
        return new Scored(
                judged.score(), thresholds.of(kind).verdict(judged.score()), judged.findings());
    }

    private static Blend.For blend(Thresholds.For kind) {
        return switch (kind) {
            case SPEAKER -> Blend.For.SPEAKER;
            case CARRIED -> Blend.For.CARRIED;
            case UNKNOWN -> Blend.For.UNKNOWN;
        };
    }

    private Judged judge(String text, Thresholds.For kind, String where) {
        Reading.All readings = Reading.of(text, signatures);
        Cascade.Opinion opinion = model.judge(readings, blend(kind), signatures);
        double score = opinion.score();
        List<Finding> findings = new ArrayList<>(0);
        if (text.length() < SHORT && !telling(readings)) {
            // A few words give too little to go by: they count less, and may flag but not refuse.
            score = Math.min(score * FEW_WORDS, thresholds.of(kind).block() - HINT);
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
        if (score >= thresholds.of(kind).flag()) {
            findings.add(
                    new Finding(
                            "prompt_injection",
                            opinion.deep() ? "encoder" : "linear",
                            where,
                            opinion.start(),
                            opinion.end(),
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
        private final List<Unread> unread = new ArrayList<>(0);
        private int budget;
        private long scannedBytes;
        private long totalBytes;
        private double score;
        private boolean partial;
        private Verdict verdict = Verdict.ALLOW;
        private String worst = "";

        Tally(int budget) {
            this.budget = budget;
        }

        /** The piece of a part that is still within the budget; what is beyond is not read. */
        String take(PromptPart part) {
            String text = part.text();
            int keep = Math.min(budget, text.length());
            if (keep > 0
                    && keep < text.length()
                    && Character.isHighSurrogate(text.charAt(keep - 1))) {
                keep--;
            }
            budget -= keep;
            long bytes = utf8Length(text, 0, keep);
            scannedBytes += bytes;
            long beyond = utf8Length(text, keep, text.length());
            totalBytes += bytes + beyond;
            partial |= keep < text.length();
            if (beyond > 0) {
                leave(part.name(), bytes, bytes + beyond);
            }
            return keep == text.length() ? text : text.substring(0, keep);
        }

        /** What follows what was left already is left as one, once there are many. */
        private void leave(String where, long from, long until) {
            if (unread.size() < MAX_UNREAD) {
                unread.add(new Unread(where, from, until));
                return;
            }
            long rest = unread.getLast().where().isEmpty() ? unread.removeLast().until() : 0;
            unread.add(new Unread("", 0, rest + until - from));
        }

        void add(PromptPart part, Judged judged, Thresholds.Pair thresholds) {
            for (Finding finding : judged.findings()) {
                if (findings.size() < MAX_FINDINGS) {
                    findings.add(finding);
                }
            }
            partial |= judged.unread();
            score = Math.max(score, judged.score());
            Verdict own = thresholds.verdict(judged.score());
            if (own.compareTo(verdict) > 0) {
                verdict = own;
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

package atlas.gateway.openai;

import atlas.core.AuditEvent.Finding;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.ToolCall;
import atlas.core.AuditEvent.Unread;
import atlas.core.json.Json;
import atlas.guard.OutputFilter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * All texts of one answer, each behind a filter of its own, and what the guard has to say about
 * them together. Keeps at most {@code maxChars} of what was let out, for the record.
 */
final class Transcript {
    static final String NAME = ".function.name";
    static final String ARGUMENTS = ".function.arguments";

    private final Supplier<OutputFilter.Session> filters;
    private final List<FilteredText> texts = new ArrayList<>(1);
    private int charsLeft;

    Transcript(Supplier<OutputFilter.Session> filters, int maxChars) {
        this.filters = filters;
        this.charsLeft = maxChars;
    }

    FilteredText open(String where) {
        FilteredText text = new FilteredText(where, filters.get(), this);
        texts.add(text);
        return text;
    }

    /** How many of these characters the record still has room for. */
    int admits(int chars) {
        int admitted = Math.min(chars, charsLeft);
        charsLeft -= admitted;
        return admitted;
    }

    /** What was let out, as a JSON array of {@code {"field": …, "text": …}}. */
    String said() {
        byte[] json =
                Json.bytes(out -> {
                    out.writeStartArray();
                    for (FilteredText text : texts) {
                        out.writeStartObject();
                        out.writeStringField("field", text.where());
                        out.writeStringField("text", Utf8.repaired(text.said().toString()));
                        out.writeEndObject();
                    }
                    out.writeEndArray();
                });
        return new String(json, StandardCharsets.UTF_8);
    }

    /** The tools called so far; arguments follow the name they belong to. */
    List<ToolCall> toolCalls() {
        List<ToolCall> calls = new ArrayList<>(0);
        for (int i = 0; i + 1 < texts.size(); i++) {
            if (texts.get(i).where().endsWith(NAME)) {
                calls.add(texts.get(i + 1).asArgumentsOf(texts.get(i)));
            }
        }
        return calls;
    }

    /** One report over all texts: true sums, every finding under the name of its text. */
    GuardReport report() {
        if (texts.isEmpty()) {
            return GuardReport.skipped(0);
        }
        long scanned = 0;
        long total = 0;
        double score = 0;
        Set<String> detectors = new LinkedHashSet<>();
        List<Finding> findings = new ArrayList<>();
        List<Unread> unread = new ArrayList<>(0);
        for (FilteredText text : texts) {
            GuardReport report = text.session().report();
            scanned += report.scannedBytes();
            total += report.totalBytes();
            score = Math.max(score, report.score());
            detectors.addAll(report.detectors());
            for (Unread left : report.unread()) {
                unread.add(new Unread(text.where(), left.from(), left.until()));
            }
            for (Finding f : report.findings()) {
                findings.add(
                        new Finding(
                                f.type(), f.rule(), text.where(), f.start(), f.end(), f.score()));
            }
        }
        String coverage =
                scanned == 0 && detectors.isEmpty()
                        ? "skipped"
                        : scanned < total ? "partial" : "scanned";
        return new GuardReport(
                coverage, scanned, total, List.copyOf(detectors), score, findings, unread);
    }
}

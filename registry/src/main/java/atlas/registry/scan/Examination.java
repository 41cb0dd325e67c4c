package atlas.registry.scan;

import atlas.registry.scan.ScanReport.FileReport;
import atlas.registry.scan.ScanReport.Finding;
import atlas.registry.scan.ScanReport.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is learnt about one file while it is looked at. */
final class Examination {
    private static final int MAX_ABOUT_CHARACTERS = 500;
    private static final int MAX_FINDINGS = 20;

    private final String name;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, String> about = new LinkedHashMap<>();
    private final List<String> references = new ArrayList<>();
    private Verdict verdict = Verdict.ALLOW;

    Examination(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    void refuse(String what, long offset) {
        verdict = Verdict.REFUSE;
        find(what, offset);
    }

    void flag(String what, long offset) {
        verdict = verdict == Verdict.REFUSE ? verdict : Verdict.FLAG;
        find(what, offset);
    }

    private void find(String what, long offset) {
        if (findings.size() < MAX_FINDINGS) {
            findings.add(new Finding(what, offset));
        }
    }

    /** Keeps what a file says about itself: cut to a length, without control characters. */
    void about(String key, String value) {
        StringBuilder clean = new StringBuilder();
        value.codePoints()
                .limit(MAX_ABOUT_CHARACTERS)
                .forEach(c -> clean.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
        about.put(key, clean.toString());
    }

    /** Another file this one needs, by name relative to it. */
    void reference(String file) {
        references.add(file);
    }

    FileReport report(String format) {
        return new FileReport(name, format, verdict, findings, about, references);
    }
}

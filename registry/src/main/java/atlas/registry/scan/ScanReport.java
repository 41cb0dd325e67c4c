package atlas.registry.scan;

import java.util.List;
import java.util.Map;

/** What the scanner made of each file; a model is admitted only when every file is. */
public record ScanReport(List<FileReport> files) {
    public ScanReport {
        files = List.copyOf(files);
    }

    /** The worst verdict of all files; no files at all are refused. */
    public Verdict verdict() {
        return files.stream().map(FileReport::verdict).max(Enum::compareTo).orElse(Verdict.REFUSE);
    }

    /** What to do with a file, from best to worst. */
    public enum Verdict {
        ALLOW,
        FLAG,
        REFUSE
    }

    /**
     * One file.
     *
     * @param format as found in the content, never taken from the name
     * @param about what the file says about itself
     * @param references other files it needs, by name relative to it
     */
    public record FileReport(
            String name,
            String format,
            Verdict verdict,
            List<Finding> findings,
            Map<String, String> about,
            List<String> references) {
        public FileReport {
            references = List.copyOf(references);
            findings = List.copyOf(findings);
            about = Map.copyOf(about);
        }
    }

    /** One thing found, at a byte offset. */
    public record Finding(String what, long offset) {}
}

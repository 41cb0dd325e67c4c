package atlas.registry.scan;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the scanner made of each file; a model is admitted only when every file is. */
public record ScanReport(List<FileReport> files) {
    static final String UNKNOWN = "unknown";

    private static final String DATA = "tensor-data";

    public ScanReport {
        files = List.copyOf(files);
    }

    /** The worst verdict of all files; no files at all are refused. */
    public Verdict verdict() {
        return files.stream().map(FileReport::verdict).max(Enum::compareTo).orElse(Verdict.REFUSE);
    }

    /**
     * These files, seen together: what is of no known format is tensor data, and admitted, when an
     * admitted file refers to it. Nothing that has a format of its own becomes data that way.
     */
    static ScanReport together(List<FileReport> files) {
        Set<String> needed = new HashSet<>();
        for (FileReport file : files) {
            if (file.verdict() != Verdict.REFUSE) {
                file.needed().forEach(needed::add);
            }
        }
        return new ScanReport(
                files.stream()
                        .map(file ->
                                file.format().equals(UNKNOWN) && needed.contains(file.name())
                                        ? file.asData()
                                        : file)
                        .toList());
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

        /** The files it needs, by name in the model. */
        public List<String> needed() {
            String folder = name.substring(0, name.lastIndexOf('/') + 1);
            return references.stream().map(file -> folder + file).toList();
        }

        /** Whether it would be admitted if an admitted file refers to it. */
        public boolean mayBeData() {
            return format.equals(UNKNOWN);
        }

        private FileReport asData() {
            return new FileReport(name, DATA, Verdict.ALLOW, List.of(), about, references);
        }
    }

    /** One thing found, at a byte offset. */
    public record Finding(String what, long offset) {}
}

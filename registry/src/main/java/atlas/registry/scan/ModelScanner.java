package atlas.registry.scan;

import java.nio.file.Path;

/** Admits model files by what they are, not by what they are called. */
public final class ModelScanner {
    private ModelScanner() {}

    /** Scans a file, or every file of a folder. */
    public static ScanReport scan(Path path) {
        throw new UnsupportedOperationException();
    }
}

package atlas.backup;

import java.io.IOException;

/**
 * A backup is not what was written; becomes {@link BackupReading.Broken}. An {@code IOException},
 * so that it goes up through whoever reads the content of a file.
 */
final class BrokenBackup extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenBackup(String what) {
        super(what);
    }

    String what() {
        return String.valueOf(getMessage());
    }
}

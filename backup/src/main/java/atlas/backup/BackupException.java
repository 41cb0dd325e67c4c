package atlas.backup;

import org.jspecify.annotations.Nullable;

/** A backup cannot be made, read or restored: says what and how to mend it. */
public final class BackupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BackupException(String message) {
        this(message, null);
    }

    public BackupException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

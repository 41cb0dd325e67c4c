package atlas.journal;

import org.jspecify.annotations.Nullable;

/** The journal cannot be opened or read as it stands; the message says what is wrong and where. */
public final class JournalException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public JournalException(String message) {
        super(message);
    }

    public JournalException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

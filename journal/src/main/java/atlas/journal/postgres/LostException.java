package atlas.journal.postgres;

import java.io.IOException;

/** The database does not hold what it acknowledged, or not as it was. */
public final class LostException extends IOException {
    private static final long serialVersionUID = 1L;

    public LostException(String message) {
        super(message);
    }
}

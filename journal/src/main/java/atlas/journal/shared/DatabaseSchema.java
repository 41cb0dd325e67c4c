package atlas.journal.shared;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The SQL that makes the tables, for the database's owner to run. */
public final class DatabaseSchema {
    /** The version that this program works with. */
    public static final int VERSION = 1;

    private DatabaseSchema() {}

    /** All of it, for a database that has none of it yet. */
    public static String sql() {
        String name = "/atlas/journal/postgres/schema-" + VERSION + ".sql";
        try (InputStream in =
                Objects.requireNonNull(DatabaseSchema.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package atlas.cli;

import atlas.journal.shared.DatabaseSchema;
import picocli.CommandLine.Command;

/** Prints the SQL that makes a database ready for a journal shared by several machines. */
@Command(
        name = "database-schema",
        description =
                "Print the SQL that makes a PostgreSQL database ready for a shared journal; its"
                        + " owner runs it once.",
        footer =
                "%nExample:%n  atlas journal database-schema | psql -v ON_ERROR_STOP=1"
                        + " --single-transaction -d atlas")
final class JournalDatabaseSchema extends AtlasCommand {
    @Override
    public Integer call() {
        terminal().print(DatabaseSchema.sql());
        return Main.YES;
    }
}

package atlas.export.format;

import java.time.Instant;

/**
 * A journal entry on its way out.
 *
 * @param origin the log it is from; with {@code index} its name for ever
 * @param leafHash what the log commits to, in hexadecimal
 * @param json the fact as {@link atlas.core.json.AuditJson} wrote it
 */
public record ExportEntry(
        String origin, long index, Instant when, String kind, String leafHash, String json) {}

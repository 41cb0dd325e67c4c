package atlas.export.format;

import java.time.Instant;

/**
 * One entry in its outward form.
 *
 * @param text UTF-8, without a line end in it
 */
public record ExportLine(
        String origin, long index, Instant when, String kind, Severity severity, byte[] text) {}

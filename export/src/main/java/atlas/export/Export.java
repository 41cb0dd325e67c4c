package atlas.export;

import atlas.export.format.ExportContent;
import atlas.export.format.ExportFormat;
import atlas.export.send.Destination;

/**
 * One exporter as configured.
 *
 * @param name 1 to 64 of lower-case letters, digits and {@code -}; the cursor is kept by it
 */
public record Export(
        String name, Destination destination, ExportFormat format, ExportContent content) {
    public Export {
        boolean good = !name.isEmpty() && name.length() <= 64 && name.charAt(0) != '-';
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            good &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        }
        if (!good) {
            throw new IllegalArgumentException(
                    "`"
                            + name
                            + "` is not a name for an exporter (1 to 64 of lower-case letters,"
                            + " digits and `-`)");
        }
    }
}

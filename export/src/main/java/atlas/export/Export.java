package atlas.export;

import atlas.export.format.ExportContent;
import atlas.export.format.ExportFormat;
import atlas.export.send.Destination;
import java.util.Set;
import java.util.TreeSet;

/**
 * One exporter as configured.
 *
 * @param name 1 to 64 of lower-case letters, digits and {@code -}; the cursor is kept by it
 * @param kinds which facts go, as {@code alert.raised}; all of them where none is named
 */
public record Export(
        String name,
        Destination destination,
        ExportFormat format,
        ExportContent content,
        Set<String> kinds) {
    public Export {
        kinds = Set.copyOf(kinds);
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

    /** An exporter of every fact. */
    public Export(
            String name, Destination destination, ExportFormat format, ExportContent content) {
        this(name, destination, format, content, Set.of());
    }

    boolean takes(String kind) {
        return kinds.isEmpty() || kinds.contains(kind);
    }

    /** What leaves, for the record: the content, and which facts where it is not all of them. */
    String extent() {
        return kinds.isEmpty()
                ? content.wireName()
                : content.wireName() + " of " + String.join(" ", new TreeSet<>(kinds));
    }
}

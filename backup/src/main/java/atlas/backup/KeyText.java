package atlas.backup;

import java.util.Base64;
import java.util.List;

/** Keys as one line of text, among comments. */
final class KeyText {
    private KeyText() {}

    /** The one line that is neither a comment nor blank. */
    static String line(String text) {
        List<String> lines =
                text.lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                        .toList();
        if (lines.size() != 1) {
            throw new BackupException(
                    "a key is one line beside comments, not "
                            + lines.size()
                            + "; make one with `atlas backup keygen`");
        }
        return lines.getFirst();
    }

    static byte[] decode(String line, String prefix, String what) {
        if (!line.startsWith(prefix)) {
            throw new BackupException(
                    "not "
                            + what
                            + ": that begins with `"
                            + prefix
                            + "`; make one with `atlas backup keygen`");
        }
        try {
            return Base64.getUrlDecoder().decode(line.substring(prefix.length()));
        } catch (IllegalArgumentException e) {
            throw new BackupException("not " + what + ": it is damaged", e);
        }
    }
}

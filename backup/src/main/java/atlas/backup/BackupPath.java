package atlas.backup;

import java.util.regex.Pattern;

/**
 * Names of files in a backup: relative, of plain segments, none of which leads up or is hidden from
 * those who list. Whoever wrote a backup cannot be believed before its end, so each is looked at.
 */
final class BackupPath {
    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}");
    private static final int MOST_CHARS = 1024;

    private BackupPath() {}

    static boolean isOne(String path) {
        if (path.isEmpty() || path.length() > MOST_CHARS) {
            return false;
        }
        for (String segment : path.split("/", -1)) {
            if (!SEGMENT.matcher(segment).matches()) {
                return false;
            }
        }
        return true;
    }

    /** The folder, or the file itself where it lies in none. */
    static String group(String path) {
        int slash = path.indexOf('/');
        return slash < 0 ? path : path.substring(0, slash);
    }
}

package atlas.control.backup;

import atlas.backup.BackupRecipients;
import java.util.ArrayList;
import java.util.List;

/**
 * A backup as somebody wants it.
 *
 * @param weights whether the sealed models go in, which can be pushed again from where they came
 * @param kek whether the key encryption key goes in, when it is a file of the home: whoever opens
 *     the backup then has everything
 */
public record Wish(BackupRecipients to, boolean weights, boolean kek) {
    /** What goes in beside what always does, by its names in events and manifests. */
    public List<String> contents() {
        List<String> contents = new ArrayList<>();
        if (weights) {
            contents.add("weights");
        }
        if (kek) {
            contents.add("kek");
        }
        return contents;
    }
}

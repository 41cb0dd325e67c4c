package atlas.backup;

import java.util.HashSet;
import java.util.List;

/**
 * Who a backup is for, and how many of them it takes to open it.
 *
 * @param threshold any so many of them together; 1 lets each open it alone
 */
public record BackupRecipients(int threshold, List<BackupRecipient> recipients) {
    /** As many as one backup may have. */
    public static final int MOST = 32;

    public BackupRecipients {
        recipients = List.copyOf(recipients);
        if (recipients.isEmpty() || recipients.size() > MOST) {
            throw new BackupException("a backup has 1 to " + MOST + " recipients");
        }
        if (new HashSet<>(recipients).size() != recipients.size()) {
            throw new BackupException("a recipient is named twice");
        }
        if (threshold < 1 || threshold > recipients.size()) {
            throw new BackupException(
                    "the threshold is between 1 and the number of recipients, "
                            + recipients.size()
                            + ", not "
                            + threshold);
        }
    }

    /** What they are called. */
    public List<String> ids() {
        return recipients.stream().map(BackupRecipient::id).toList();
    }
}

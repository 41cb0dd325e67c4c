package atlas.backup;

import java.util.List;

/** Signs as the log of a home, so that it shows which home a backup is of. */
public interface BackupSigner {
    /** The verifier key of the log, in C2SP text form; it begins with the log's origin. */
    String vkey();

    /** The signed note over: the kind, the log's origin, these lines. */
    String sign(String kind, List<String> lines);
}

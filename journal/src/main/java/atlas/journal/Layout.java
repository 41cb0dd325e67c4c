package atlas.journal;

import java.nio.file.Path;

/**
 * The names in and beside a journal directory.
 *
 * @param root the log directory itself
 */
record Layout(Path root) {

    Layout {
        root = root.toAbsolutePath().normalize();
    }

    Path checkpoint() {
        return root.resolve("checkpoint");
    }

    /** The last checkpoint that enough witnesses cosigned. */
    Path witnessed() {
        return root.resolve("witnessed");
    }

    Path verifierKey() {
        return root.resolve("verifier.vkey");
    }

    /** The second verifier key; there while checkpoints are signed twice. */
    Path secondVerifierKey() {
        return root.resolve("verifier-mldsa44.vkey");
    }

    Path lock() {
        return root.resolve("lock");
    }

    Path wal() {
        return root.resolve("wal");
    }

    /** What the emitters of a member of a shared log begin with; there in such a home only. */
    Path member() {
        return root.resolve("member");
    }

    Path scratch() {
        return root.resolve("tmp");
    }

    Path search() {
        return root.resolve("index");
    }

    /**
     * The keys entries are sealed under. Beside the directory on purpose: a copy of the journal
     * does not bring them along, and what is erased here is erased in every copy.
     */
    Path keys() {
        return root.resolveSibling(root.getFileName() + ".keys");
    }

    /** What the log has signed that it may forget. */
    Path retention() {
        return root.resolve("retention");
    }

    /** Says that the log was closed in order and at which size, so that no segment is missing. */
    Path closed() {
        return root.resolve("closed");
    }

    /**
     * The last checkpoint signed. It lies beside the directory on purpose: an old copy of the
     * directory put back does not bring an old one with it.
     */
    Path signed() {
        return root.resolveSibling(root.getFileName() + ".signed");
    }
}

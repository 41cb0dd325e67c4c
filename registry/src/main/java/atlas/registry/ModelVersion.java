package atlas.registry;

import atlas.core.Digest;
import atlas.core.ModelRef;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One immutable version of a model and how far it has come. Only {@code state} and {@code
 * approvedBy} ever differ between two readings of the same version.
 *
 * @param rootDigest OMS root digest of the signed manifest
 * @param signer our name for the key or authority that vouched for it
 * @param files what may be loaded: exactly the files the signed manifest names
 * @param card what the files say about themselves; words of their author, not of Atlas
 */
public record ModelVersion(
        ModelRef ref,
        Digest rootDigest,
        String signer,
        State state,
        String pushedBy,
        Instant pushed,
        Optional<String> approvedBy,
        List<FileRecord> files,
        Map<String, String> card) {
    public ModelVersion {
        files = List.copyOf(files);
        card = Map.copyOf(card);
    }

    /** How far a version has come; it only moves as {@link ModelRegistry} says. */
    public enum State {
        /** Stored, sealed and verified; may not serve. */
        PUSHED,
        /** A second pair of eyes agreed. */
        APPROVED,
        /** The one version of its name that serves. */
        DEPLOYED,
        /** Never serves again. */
        RETIRED
    }

    /** Bytes of plaintext in all files. */
    public long bytes() {
        return files.stream().mapToLong(FileRecord::bytes).sum();
    }
}

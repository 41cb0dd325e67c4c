package atlas.registry.oms;

import atlas.core.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a trusted signer said a model consists of. Only {@link OmsVerifier#authenticate} makes one,
 * so holding it proves that the signature held; it says nothing yet about any file.
 */
public final class OmsManifest {
    private final OmsStatement statement;
    private final By signer;

    /** Who signed, by our name, and until when that may be believed. */
    record By(String name, Optional<Instant> validUntil) {}

    OmsManifest(OmsStatement statement, By signer) {
        this.statement = statement;
        this.signer = signer;
    }

    public Digest rootDigest() {
        return statement.root();
    }

    /** Our name for the key or authority, with the certificate's subject. */
    public String signer() {
        return signer.name();
    }

    /** When a certificate in the chain expires; empty for a bare key. */
    public Optional<Instant> validUntil() {
        return signer.validUntil();
    }

    /** Names of the files in the order of the manifest; {@code .} for a model that is one file. */
    public List<String> files() {
        return List.copyOf(statement.files().keySet());
    }

    /** Names the signer left out; such a file may lie beside the model and is never loaded. */
    Set<String> ignored() {
        return statement.ignored();
    }

    boolean sharded() {
        return statement.sharded();
    }

    /** What the signer called the model; it names the file when the model is one. */
    String subject() {
        return statement.subject();
    }

    boolean singleFile() {
        return statement.files().containsKey(OmsStatement.SELF);
    }

    /**
     * A check to feed the bytes of one file through.
     *
     * @throws IllegalArgumentException when the manifest names no such file
     */
    public FileCheck check(String file) {
        List<OmsStatement.Range> ranges = statement.files().get(file);
        if (ranges == null) {
            throw new IllegalArgumentException(
                    "the manifest names no file `" + OmsStatement.shown(file) + "`");
        }
        return new FileCheck(ranges);
    }
}

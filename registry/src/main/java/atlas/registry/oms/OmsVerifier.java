package atlas.registry.oms;

import java.nio.file.Path;

/** Verifies a signed model against whom we trust. */
public final class OmsVerifier {
    private OmsVerifier() {}

    /** Checks a bundle against a folder or a single file; blocks while it reads them. */
    public static OmsVerification verify(Path model, byte[] bundle, TrustPolicy policy) {
        throw new UnsupportedOperationException();
    }
}

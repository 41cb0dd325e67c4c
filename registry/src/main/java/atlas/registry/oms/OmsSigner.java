package atlas.registry.oms;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** Signs a model folder in the OpenSSF Model Signing v1.0 format. */
public final class OmsSigner {
    private OmsSigner() {}

    /** The bundle for a folder or a single file. */
    public static byte[] sign(
            Path model, PrivateKey key, Optional<List<X509Certificate>> chain) {
        throw new UnsupportedOperationException();
    }
}

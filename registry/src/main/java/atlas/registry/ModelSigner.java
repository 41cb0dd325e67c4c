package atlas.registry;

import atlas.registry.oms.OmsSigner;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** Someone who signs model folders with a key of their own. */
public final class ModelSigner {
    private final PrivateKey key;
    private final Optional<List<X509Certificate>> chain;

    /** Signs with a certificate's key when there is a chain (leaf first), else with a bare key. */
    public ModelSigner(PrivateKey key, Optional<List<X509Certificate>> chain) {
        this.key = key;
        this.chain = chain;
    }

    /** Signs every file of a folder; blocks while it reads them. */
    public Signature sign(Path directory) {
        return new Signature(OmsSigner.sign(directory, key, chain));
    }

    /**
     * An OMS bundle as it came, trusted no further than it verifies.
     *
     * @param second the same bytes signed with ML-DSA-65, where a signer signs twice
     */
    public record Signature(byte[] bundle, Optional<byte[]> second) {
        public Signature {
            bundle = bundle.clone();
            second = second.map(byte[]::clone);
        }

        public Signature(byte[] bundle) {
            this(bundle, Optional.empty());
        }

        @Override
        public byte[] bundle() {
            return bundle.clone();
        }
    }
}

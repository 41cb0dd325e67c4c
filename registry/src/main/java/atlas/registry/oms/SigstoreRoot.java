package atlas.registry.oms;

import atlas.registry.sigstore.TrustedRoot;
import atlas.registry.sigstore.Unproven;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A Sigstore trusted root: which logs, certificate and timestamp authorities count. */
public final class SigstoreRoot {
    private static final String PUBLIC_GOOD = "sigstore/public-good.json";

    private final TrustedRoot root;
    private final byte[] json;

    private SigstoreRoot(TrustedRoot root, byte[] json) {
        this.root = root;
        this.json = json.clone();
    }

    /**
     * Reads a {@code trusted_root.json}.
     *
     * @throws OmsException when it is not one
     */
    public static SigstoreRoot parse(byte[] json) {
        try {
            return new SigstoreRoot(TrustedRoot.parse(json), json);
        } catch (Unproven e) {
            throw new OmsException(e.reason(), e);
        }
    }

    /** That of the public instance, as of this release. */
    public static SigstoreRoot publicGood() {
        try (InputStream in =
                SigstoreRoot.class.getResourceAsStream("/atlas/registry/" + PUBLIC_GOOD)) {
            if (in == null) {
                throw new IllegalStateException("the trusted root of the public instance is gone");
            }
            return parse(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As it was read. */
    public byte[] json() {
        return json.clone();
    }

    TrustedRoot root() {
        return root;
    }
}

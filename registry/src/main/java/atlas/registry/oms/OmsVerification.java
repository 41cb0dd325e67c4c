package atlas.registry.oms;

import atlas.core.Digest;
import java.util.List;

/** The outcome of checking a signed model. */
public sealed interface OmsVerification {

    /** The signature holds, its signer is trusted, and the files are exactly the ones signed. */
    record Verified(Digest rootDigest, String signer, List<String> resources)
            implements OmsVerification {
        public Verified {
            resources = List.copyOf(resources);
        }
    }

    /** It was read, and it does not hold. */
    record NotVerified(String reason) implements OmsVerification {}

    /** The model could not be read, or the bundle is of a kind not read here: nothing is known. */
    record Unreadable(String why) implements OmsVerification {}
}

package atlas.journal.verify;

import atlas.tlog.WitnessPolicy;
import java.util.Optional;

/**
 * What who checks brings along: nothing in a directory can show by itself whose it is.
 *
 * @param vkey the verifier key to believe; the directory's own when there is none
 * @param secondVkey the ML-DSA-44 key that must have signed as well
 * @param policy who else has to have seen the tree
 */
public record Trust(
        Optional<String> vkey, Optional<String> secondVkey, Optional<WitnessPolicy> policy) {}

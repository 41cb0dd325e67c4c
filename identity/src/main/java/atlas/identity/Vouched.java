package atlas.identity;

import atlas.core.Principal;
import java.util.Map;

/**
 * What came of checking a token of a configured issuer that is no access token: an ID token or a
 * logout token. Signature, issuer, algorithm and times hold; everything else is its reader's.
 */
public sealed interface Vouched {

    /**
     * It holds so far.
     *
     * @param type the {@code typ} of its header in lower case; empty when it has none
     */
    record Holds(String type, Map<String, Object> claims) implements Vouched {
        public Holds {
            claims = Map.copyOf(claims);
        }
    }

    /**
     * It does not.
     *
     * @param reason stable, for the journal
     */
    record Fails(String reason) implements Vouched {}

    /** The issuer's keys cannot be had. */
    record Unreachable(String what) implements Vouched {}

    /** Whom claims name by an issuer's mapping, or why nobody. */
    sealed interface Named {
        record Person(Principal principal) implements Named {}

        record Nobody(String reason) implements Named {}
    }
}

package atlas.policy;

import atlas.core.Principal;
import atlas.policy.Circumstances.Risk;

/**
 * What others know and policy asks for when a condition reads it: never more often, never blocking.
 */
public interface Surroundings {

    /** The network segment of an address literal; empty text when it is in none. */
    String segmentOf(String source);

    /** How risky a principal looks now. */
    Risk riskOf(Principal principal);

    /** Nobody watches and nothing is divided: no segments, everybody as usual. */
    static Surroundings quiet() {
        return new Surroundings() {
            @Override
            public String segmentOf(String source) {
                return "";
            }

            @Override
            public Risk riskOf(Principal principal) {
                return Risk.NORMAL;
            }
        };
    }
}

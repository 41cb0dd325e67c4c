package atlas.segmentation.probe;

import atlas.segmentation.graph.Transport;

/**
 * One connection to try.
 *
 * @param to the segment of the address
 * @param certain whether something is known to be at the address; where it is not, silence says
 *     nothing
 */
public record Attempt(
        String to,
        String address,
        Transport transport,
        int port,
        boolean allowed,
        boolean certain) {
    /** What came back. */
    public enum Found {
        /** The other end answered. */
        ANSWERED,
        /** The other end refused; the network let both packets through. */
        REFUSED,
        /** Nothing came back in time. */
        SILENT,
        /** There is no way there, or this machine may not take it. */
        UNREACHABLE;

        public boolean through() {
            return this == ANSWERED || this == REFUSED;
        }
    }

    /** Whether what was found is what the policy says. */
    public enum Agreement {
        AGREES,
        DIFFERS,
        UNDECIDED
    }

    public Agreement compare(Found found) {
        if (found.through() == allowed) {
            return Agreement.AGREES;
        }
        // Services over UDP need not answer, and where nobody is nobody does.
        boolean silenceSaysNothing =
                transport == Transport.UDP || !certain || found == Found.UNREACHABLE;
        return allowed && silenceSaysNothing ? Agreement.UNDECIDED : Agreement.DIFFERS;
    }
}

package atlas.runtime.http;

import java.net.InetSocketAddress;

/**
 * Whether a connection may be opened. It is asked with the address that will be used, after a name
 * was resolved and before the first packet, for every connection: what a name meant before, or
 * means to somebody else, plays no part. Thread-safe; does not block.
 */
@FunctionalInterface
public interface Egress {
    /** Where no policy is in force. */
    Egress ANYWHERE = to -> true;

    boolean permits(InetSocketAddress to);
}

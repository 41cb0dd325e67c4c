package atlas.runtime.wire;

import java.security.cert.X509Certificate;
import java.util.List;

/** Who is at the other end of a connection, as far as the transport knows. */
public record Peer(String source, List<X509Certificate> chain) {}

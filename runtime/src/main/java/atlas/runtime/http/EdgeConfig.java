package atlas.runtime.http;

import java.net.InetSocketAddress;

/** Where an edge listens, as whom, and what it tolerates. */
public record EdgeConfig(
        String name,
        InetSocketAddress bind,
        TlsIdentity tls,
        ClientAuth clientAuth,
        EdgeLimits limits) {
    public EdgeConfig {
        if (clientAuth != ClientAuth.NONE && tls.trust().isEmpty()) {
            throw new IllegalArgumentException(
                    "client certificates are asked for but no trust anchor is given");
        }
    }
}

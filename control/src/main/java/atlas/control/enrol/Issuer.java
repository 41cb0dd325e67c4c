package atlas.control.enrol;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;

/** What the internal CA vouches for when a workload joins or renews. */
public interface Issuer {
    /** The certificate it listens with, and the one it calls with; leaf first, without the root. */
    record Chains(List<X509Certificate> server, List<X509Certificate> workload) {}

    /** A certificate to listen with alone: for who calls others with an identity of its own. */
    List<X509Certificate> server(Workload workload, PublicKey server);

    Chains certify(Workload workload, PublicKey server, PublicKey client);

    X509Certificate root();

    String trustDomain();

    /** The key whose statements followers believe. */
    PublicKey statementKey();

    /** How long a certificate should be used before another is asked for. */
    Duration renewAfter();
}

package atlas.control;

import atlas.control.enrol.Issuer;
import atlas.control.enrol.Workload;
import atlas.core.WorkloadId;
import atlas.identity.CertificateAuthority;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;

/** Certificates of the internal CA for workloads that hold their keys themselves. */
record WorkloadIssuer(CertificateAuthority ca, TrustRootConfig config, PublicKey statementKey)
        implements Issuer {

    @Override
    public List<X509Certificate> server(Workload workload, PublicKey server) {
        WorkloadId id = workload.id(config.trustDomain());
        ServerNames at = ServerNames.with(workload.serverNames());
        return ca.server(server, id, at.names(), at.addresses(), config.certificateLifetime());
    }

    @Override
    public Chains certify(Workload workload, PublicKey server, PublicKey client) {
        WorkloadId id = workload.id(config.trustDomain());
        Duration lifetime = config.certificateLifetime();
        return new Chains(server(workload, server), ca.workload(client, id, lifetime));
    }

    @Override
    public X509Certificate root() {
        return ca.root();
    }

    @Override
    public String trustDomain() {
        return config.trustDomain();
    }

    @Override
    public Duration renewAfter() {
        return config.certificateLifetime().dividedBy(2);
    }
}

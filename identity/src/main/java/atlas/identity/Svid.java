package atlas.identity;

import atlas.core.WorkloadId;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/** What a leaf certificate says about its workload, read by the rules of SPIFFE X.509-SVID. */
record Svid(WorkloadId id, String serial, Instant notBefore, Instant notAfter) {
    private static final int URI_NAME = 6;
    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    boolean liveAt(Instant now) {
        return !now.isBefore(notBefore) && !now.isAfter(notAfter);
    }

    /**
     * Reads a client's leaf.
     *
     * @throws SvidException when it is not exactly one workload's, or may not be a client's
     */
    static Svid of(X509Certificate leaf) throws SvidException {
        try {
            if (leaf.getBasicConstraints() >= 0) {
                throw new SvidException("certificate_is_authority");
            }
            boolean[] usage = leaf.getKeyUsage();
            if (usage == null || !usage[0] || usage[KEY_CERT_SIGN] || usage[CRL_SIGN]) {
                throw new SvidException("certificate_key_usage");
            }
            List<String> extended = leaf.getExtendedKeyUsage();
            if (extended == null || !extended.contains(CLIENT_AUTH)) {
                throw new SvidException("certificate_not_for_clients");
            }
            return new Svid(
                    workload(leaf.getSubjectAlternativeNames()),
                    leaf.getSerialNumber().toString(16),
                    leaf.getNotBefore().toInstant(),
                    leaf.getNotAfter().toInstant());
        } catch (CertificateParsingException e) {
            throw new SvidException("certificate_malformed");
        }
    }

    private static WorkloadId workload(@org.jspecify.annotations.Nullable Collection<List<?>> names)
            throws SvidException {
        if (names == null) {
            throw new SvidException("certificate_without_spiffe_id");
        }
        List<String> uris =
                names.stream()
                        .filter(n -> n.get(0).equals(URI_NAME))
                        .map(n -> (String) n.get(1))
                        .toList();
        if (uris.isEmpty()) {
            throw new SvidException("certificate_without_spiffe_id");
        }
        if (uris.size() > 1) {
            // X.509-SVID §2: exactly one URI SAN, so that two readers cannot see two workloads.
            throw new SvidException("certificate_with_two_uris");
        }
        try {
            return WorkloadId.parse(uris.getFirst());
        } catch (IllegalArgumentException e) {
            throw new SvidException("certificate_without_spiffe_id");
        }
    }
}

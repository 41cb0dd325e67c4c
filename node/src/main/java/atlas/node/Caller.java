package atlas.node;

import atlas.core.WorkloadId;
import atlas.node.dialect.Refused;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** Who may call a node. */
enum Caller {
    GATEWAY,
    CONTROL;

    private static final int URI_NAME = 6;

    /**
     * The caller behind a verified certificate chain.
     *
     * @throws Refused when it is neither the gateway nor the control plane of this trust domain
     */
    static Caller of(List<X509Certificate> chain, String trustDomain) throws Refused {
        if (!chain.isEmpty()) {
            String id = spiffeId(chain.getFirst());
            for (Caller caller : values()) {
                String path = "/" + caller.name().toLowerCase(java.util.Locale.ROOT);
                String uri = new WorkloadId(trustDomain, path).uri();
                // A gateway of its own process has a name below its role.
                if (id.equals(uri) || (caller == GATEWAY && id.startsWith(uri + "/"))) {
                    return caller;
                }
            }
        }
        throw new Refused(403, "forbidden", "this node answers its gateway and control plane only");
    }

    /** The one URI name of a certificate; empty when there is none or several. */
    private static String spiffeId(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names == null) {
                return "";
            }
            List<String> uris =
                    names.stream()
                            .filter(name -> Objects.equals(name.get(0), URI_NAME))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
            return uris.size() == 1 ? uris.getFirst() : "";
        } catch (CertificateParsingException e) {
            return "";
        }
    }
}

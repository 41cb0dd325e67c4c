package atlas.identity;

import atlas.core.Digest;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.WorkloadId;
import atlas.core.crypto.Hashes;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Turns a client certificate into a principal: SPIFFE X.509-SVIDs of one trust domain.
 *
 * <p>TLS has verified the chain; it is verified here again, once per certificate, so that an edge
 * set up wrongly lets nobody in. The first grant whose pattern matches the SPIFFE ID applies, and
 * none means no. Thread-safe; does no I/O.
 */
public final class WorkloadTrust {
    private static final int REMEMBERED = 1024;

    private final PKIXParameters anchors;
    private final String trustDomain;
    private final List<WorkloadGrant> grants;
    private final Clock clock;
    private final Map<Digest, Svid> verified =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Digest, Svid> eldest) {
                    return size() > REMEMBERED;
                }
            };

    /** What a workload may be; the first that matches applies. */
    public record WorkloadGrant(Glob spiffeId, Set<Role> roles, List<Glob> models, String tenant) {
        public WorkloadGrant {
            roles = Set.copyOf(roles);
            models = List.copyOf(models);
        }
    }

    public WorkloadTrust(
            List<X509Certificate> trustAnchors,
            String trustDomain,
            List<WorkloadGrant> grants,
            Clock clock) {
        Set<TrustAnchor> set = new HashSet<>();
        trustAnchors.forEach(c -> set.add(new TrustAnchor(c, null)));
        try {
            anchors = new PKIXParameters(set);
        } catch (InvalidAlgorithmParameterException e) {
            throw new IdentityException("workload trust needs at least one trust anchor", e);
        }
        anchors.setRevocationEnabled(false);
        this.trustDomain = trustDomain;
        this.grants = List.copyOf(grants);
        this.clock = clock;
    }

    /** The workload a chain belongs to, whatever it may do; empty when the chain does not hold. */
    public Optional<WorkloadId> vouchedFor(List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            return Optional.empty();
        }
        return switch (identify(chain)) {
            case Outcome.Holds(Svid svid) -> Optional.of(svid.id());
            case Outcome.Fails _ -> Optional.empty();
        };
    }

    /** The verified identity of a chain, or why there is none. */
    sealed interface Outcome {
        record Holds(Svid svid) implements Outcome {}

        record Fails(Rejected why) implements Outcome {}
    }

    /** Who a chain belongs to, whatever it may do. */
    Outcome identify(List<X509Certificate> chain) {
        X509Certificate leaf = chain.getFirst();
        Digest digest;
        try {
            digest = Hashes.sha256(leaf.getEncoded());
        } catch (CertificateEncodingException e) {
            return fails("certificate_malformed", "certificate");
        }
        Svid known;
        synchronized (verified) {
            known = verified.get(digest);
        }
        Instant now = clock.instant();
        if (known == null) {
            Outcome fresh = verify(chain, now);
            if (fresh instanceof Outcome.Holds holds) {
                synchronized (verified) {
                    verified.put(digest, holds.svid());
                }
            }
            return fresh;
        }
        return known.liveAt(now)
                ? new Outcome.Holds(known)
                : fails("certificate_expired", known.id().uri());
    }

    /** The principal a verified workload is, by the grants. */
    Authentication admit(Svid svid) {
        for (WorkloadGrant grant : grants) {
            if (grant.spiffeId().matches(svid.id().uri())) {
                return new Authenticated(
                        new Principal(
                                svid.id().uri(),
                                Principal.Kind.WORKLOAD,
                                grant.tenant(),
                                grant.roles(),
                                grant.models(),
                                new Principal.Credential(
                                        Principal.Credential.Kind.CERTIFICATE,
                                        svid.serial(),
                                        svid.notBefore(),
                                        svid.notAfter(),
                                        Optional.of(svid.id()))));
            }
        }
        return new Rejected("workload_not_granted", svid.id().uri());
    }

    private Outcome verify(List<X509Certificate> chain, Instant now) {
        Svid svid;
        try {
            svid = Svid.of(chain.getFirst());
        } catch (SvidException e) {
            return fails(e.reason(), "certificate");
        }
        if (!svid.id().trustDomain().equals(trustDomain)) {
            return fails("trust_domain_foreign", svid.id().uri());
        }
        if (!svid.liveAt(now)) {
            return fails("certificate_expired", svid.id().uri());
        }
        try {
            PKIXParameters parameters = (PKIXParameters) anchors.clone();
            parameters.setDate(Date.from(now));
            List<X509Certificate> path = chain.stream().filter(c -> !isAnchor(c)).toList();
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509").generateCertPath(path),
                            parameters);
        } catch (GeneralSecurityException e) {
            return fails("certificate_untrusted", svid.id().uri());
        }
        return new Outcome.Holds(svid);
    }

    private boolean isAnchor(X509Certificate certificate) {
        return anchors.getTrustAnchors().stream()
                .anyMatch(a -> certificate.equals(a.getTrustedCert()));
    }

    private static Outcome fails(String reason, String hint) {
        return new Outcome.Fails(new Rejected(reason, hint));
    }
}

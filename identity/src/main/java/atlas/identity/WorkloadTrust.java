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
import java.util.function.Supplier;

/**
 * Turns a client certificate into a principal: SPIFFE X.509-SVIDs of our trust domain and of those
 * it is federated with, each judged by the bundle of its own domain alone.
 *
 * <p>TLS has verified the chain; it is verified here again, once per certificate, so that an edge
 * set up wrongly lets nobody in. The first grant whose pattern matches the SPIFFE ID applies, and
 * none means no. Thread-safe; does no I/O.
 */
public final class WorkloadTrust {
    private static final int REMEMBERED = 1024;

    private final Supplier<Map<String, List<X509Certificate>>> bundles;
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

    /** The bundles that what is remembered was verified by; guarded by {@link #verified}. */
    private Map<String, List<X509Certificate>> verifiedBy = Map.of();

    /** What a workload may be; the first that matches applies. */
    public record WorkloadGrant(Glob spiffeId, Set<Role> roles, List<Glob> models, String tenant) {
        public WorkloadGrant {
            roles = Set.copyOf(roles);
            models = List.copyOf(models);
        }
    }

    /** The workloads of one trust domain, whose anchors never change. */
    public WorkloadTrust(
            List<X509Certificate> trustAnchors,
            String trustDomain,
            List<WorkloadGrant> grants,
            Clock clock) {
        this(fixed(trustAnchors, trustDomain), grants, clock);
    }

    /**
     * The workloads of several trust domains.
     *
     * @param bundles anchors by trust domain; asked for each certificate, and the same object until
     *     they change, which makes asking cheap; when they do, what is remembered ends
     */
    public WorkloadTrust(
            Supplier<Map<String, List<X509Certificate>>> bundles,
            List<WorkloadGrant> grants,
            Clock clock) {
        this.bundles = bundles;
        this.grants = List.copyOf(grants);
        this.clock = clock;
    }

    private static Supplier<Map<String, List<X509Certificate>>> fixed(
            List<X509Certificate> anchors, String trustDomain) {
        if (anchors.isEmpty()) {
            throw new IdentityException("workload trust needs at least one trust anchor", null);
        }
        Map<String, List<X509Certificate>> one = Map.of(trustDomain, List.copyOf(anchors));
        return () -> one;
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
        Map<String, List<X509Certificate>> trusted = bundles.get();
        Svid known;
        synchronized (verified) {
            if (!trusted.equals(verifiedBy)) {
                verified.clear();
                verifiedBy = trusted;
            }
            known = verified.get(digest);
        }
        Instant now = clock.instant();
        if (known == null) {
            Outcome fresh = verify(chain, trusted, now);
            if (fresh instanceof Outcome.Holds holds) {
                synchronized (verified) {
                    if (trusted.equals(verifiedBy)) {
                        verified.put(digest, holds.svid());
                    }
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

    private static Outcome verify(
            List<X509Certificate> chain, Map<String, List<X509Certificate>> trusted, Instant now) {
        Svid svid;
        try {
            svid = Svid.of(chain.getFirst());
        } catch (SvidException e) {
            return fails(e.reason(), "certificate");
        }
        List<X509Certificate> anchors = trusted.get(svid.id().trustDomain());
        if (anchors == null) {
            return fails("trust_domain_foreign", svid.id().uri());
        }
        if (!svid.liveAt(now)) {
            return fails("certificate_expired", svid.id().uri());
        }
        try {
            Set<TrustAnchor> set = new HashSet<>();
            anchors.forEach(anchor -> set.add(new TrustAnchor(anchor, null)));
            PKIXParameters parameters = new PKIXParameters(set);
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            List<X509Certificate> path =
                    chain.stream().filter(certificate -> !anchors.contains(certificate)).toList();
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509").generateCertPath(path),
                            parameters);
        } catch (GeneralSecurityException e) {
            return fails("certificate_untrusted", svid.id().uri());
        }
        return new Outcome.Holds(svid);
    }

    private static Outcome fails(String reason, String hint) {
        return new Outcome.Fails(new Rejected(reason, hint));
    }
}

package atlas.control;

import atlas.control.ControlParts.OwnSvid;
import atlas.control.link.Calls;
import atlas.control.wire.LinkException;
import atlas.control.wire.Wire;
import atlas.identity.CertificateAuthority.Request;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import com.fasterxml.jackson.databind.JsonNode;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The first call of a workload with an SVID of its own: it is believed for that, and believes the
 * control plane for its own. What it gets is what joining gives, but for an identity.
 */
final class SvidEnrolment {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private SvidEnrolment() {}

    static Membership with(OwnSvid own, Membership.Place control) {
        KeyPair server = Request.freshKey();
        try (Upstream upstream = upstream(own, control)) {
            return membership(Calls.enrol(upstream, server), server, control, own);
        } catch (LinkException e) {
            throw new TrustRootException(
                    "the control plane at `%s:%d` does not enrol `%s`: %s%s; name it in"
                                    .formatted(
                                            control.host(),
                                            control.port(),
                                            own.id(),
                                            e.getMessage(),
                                            cause(e))
                            + " `control.admit` there, and start again",
                    e);
        }
    }

    private static String cause(LinkException e) {
        Throwable cause = e.getCause();
        return cause == null ? "" : " (" + cause.getMessage() + ")";
    }

    /** How a workload with this identity calls the control plane. */
    static Upstream upstream(OwnSvid own, Membership.Place control) {
        return Upstream.open(
                new UpstreamConfig(
                        "control",
                        control.host(),
                        control.port(),
                        Optional.of(own.shown().get()),
                        Optional.of(own.control()),
                        Duration.ofSeconds(5),
                        PATIENCE,
                        Duration.ofSeconds(60),
                        1,
                        Optional.empty()));
    }

    private static Membership membership(
            JsonNode welcome, KeyPair server, Membership.Place control, OwnSvid own) {
        String role = Wire.text(welcome, "role");
        String name = Wire.text(welcome, "name");
        if (!own.id().path().equals("/" + role + "/" + name)) {
            throw new LinkException("it takes this for " + role + " `" + name + "`", null);
        }
        List<X509Certificate> root = Wire.chain(welcome, "root");
        TlsIdentity shown =
                new TlsIdentity(server.getPrivate(), Wire.chain(welcome, "server"), root);
        return new Membership(
                role,
                name,
                Wire.text(welcome, "trust_domain"),
                control,
                Membership.publicKey(Wire.binary(welcome, "statement_key")),
                Duration.ofSeconds(welcome.path("renew_after_seconds").longValue()),
                shown,
                // Never shown to anybody: calls are made with the SVID.
                shown);
    }
}

package atlas.cli;

import atlas.control.ControlLink;
import atlas.control.ControlParts.OwnSvid;
import atlas.control.HomeConfig;
import atlas.control.TrustRootException;
import atlas.control.WorkloadHome;
import atlas.core.Sensitive;
import atlas.runtime.Lifecycle;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A gateway or node that its control plane knows: by the certificates that joining gave it, or by
 * an SVID of its own. Owns both its parts.
 */
record Enlisted(WorkloadHome home, WorkloadIdentities identities, Lifecycle parts)
        implements AutoCloseable {
    /** How often the certificate that the home has then is shown. */
    private static final Duration LOOKED_AT = Duration.ofMinutes(10);

    /**
     * Blocks until it has an identity and was enrolled with it.
     *
     * @throws Stop when that cannot be
     */
    static Enlisted open(
            Path home, String role, Settings settings, Optional<Sensitive<String>> token) {
        LinkSettings link = settings.section("link", LinkSettings.class, LinkSettings.defaults());
        Lifecycle parts = new Lifecycle();
        boolean opened = false;
        try {
            WorkloadIdentities identities =
                    parts.own(
                            WorkloadIdentities.ofServed(
                                    Installation.identity(settings), role, link.name()));
            WorkloadHome of = parts.own(home(home, settings, identities.own(role), token));
            if (!of.role().equals(role)) {
                throw Stop.usage("`" + home + "` has joined as a " + of.role() + ", not " + role);
            }
            identities.joined(of);
            opened = true;
            return new Enlisted(of, identities, parts);
        } catch (TrustRootException e) {
            throw Stop.unknown(String.valueOf(e.getMessage()));
        } finally {
            if (!opened) {
                parts.close();
            }
        }
    }

    private static WorkloadHome home(
            Path home,
            Settings settings,
            Optional<OwnSvid> own,
            Optional<Sensitive<String>> token) {
        Clock clock = Clock.systemUTC();
        HomeConfig keeping = Installation.keeping(settings);
        if (own.isEmpty()) {
            return WorkloadHome.open(home, token, keeping, clock);
        }
        if (token.isPresent()) {
            throw Stop.usage(
                    "`--join` is for who has no identity yet; this one has an SVID and enrols with"
                            + " it where `link.control` says");
        }
        LinkSettings link = settings.section("link", LinkSettings.class, LinkSettings.defaults());
        String control = link.control().orElseThrow();
        return WorkloadHome.open(
                home,
                own.get(),
                InetSocketAddress.createUnresolved(
                        LinkSettings.host(control), LinkSettings.port(control)),
                keeping,
                clock);
    }

    /** Whether this workload serves: it records, and what the control plane said still holds. */
    HealthListener health(Settings settings, ControlLink control) {
        return HealthListener.start(
                settings,
                home::server,
                LOOKED_AT,
                Map.of(
                        "journal",
                        () -> home.journal().health().accepting(),
                        "control-plane",
                        control::current));
    }

    @Override
    public void close() {
        parts.close();
    }
}

package atlas.control;

import atlas.control.login.SessionLimits;
import atlas.core.Sensitive;
import atlas.identity.oidc.RelyingParty;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The {@code login} section of {@code atlas.yaml}: how people sign in at the console.
 *
 * @param publicUrl where people reach the console; the host of each request unless said
 * @param sessionIdle a session ends when unused for this long
 * @param sessionAbsolute a session ends this long after signing in
 * @param sessionsPerPrincipal signing in once more ends the oldest
 * @param oidc the OpenID providers, in the order their buttons are shown
 * @param device the client that {@code atlas login} signs in as, if it may
 */
public record LoginConfig(
        Optional<URI> publicUrl,
        Duration sessionIdle,
        Duration sessionAbsolute,
        int sessionsPerPrincipal,
        List<Oidc> oidc,
        Optional<Device> device) {
    public LoginConfig {
        oidc = List.copyOf(oidc);
        if (publicUrl.isPresent() && !isOrigin(publicUrl.get())) {
            throw new IllegalArgumentException(
                    "`public-url` is like https://atlas.example:9443, not `"
                            + publicUrl.get()
                            + "`");
        }
        new SessionLimits(sessionIdle, sessionAbsolute, sessionsPerPrincipal);
    }

    /** API keys only, a quarter of an hour idle, a working day in all. */
    public static LoginConfig defaults() {
        SessionLimits usual = SessionLimits.defaults();
        return new LoginConfig(
                Optional.empty(),
                usual.idle(),
                usual.absolute(),
                usual.perPrincipal(),
                List.of(),
                Optional.empty());
    }

    /**
     * One OpenID provider.
     *
     * @param name in the path that starts signing in, and in records
     * @param label on its button; the name unless said
     * @param issuer one of {@code identity.issuers}, which says what its claims mean
     * @param clientSecret without one the client is public
     * @param scopes asked for beside {@code openid}; {@code profile} unless said
     * @param userInfo whether claims are completed from the UserInfo endpoint; no unless said
     */
    public record Oidc(
            String name,
            Optional<String> label,
            String issuer,
            String clientId,
            Optional<Sensitive<String>> clientSecret,
            List<String> scopes,
            Optional<Boolean> userInfo) {
        public Oidc {
            scopes = scopes.isEmpty() ? List.of("profile") : List.copyOf(scopes);
        }

        /** For {@link RelyingParty}. */
        public RelyingParty.Client checked() {
            return new RelyingParty.Client(
                    name,
                    label.orElse(name),
                    issuer,
                    clientId,
                    clientSecret,
                    scopes,
                    userInfo.orElse(false));
        }
    }

    /**
     * What {@code atlas login} signs in as: a public client that may use the device flow.
     *
     * @param scopes asked for beside {@code openid}
     */
    public record Device(String issuer, String clientId, List<String> scopes) {
        public Device {
            scopes = List.copyOf(scopes);
        }
    }

    SessionLimits sessionLimits() {
        return new SessionLimits(sessionIdle, sessionAbsolute, sessionsPerPrincipal);
    }

    Optional<String> origin() {
        // As browsers spell it: lower case, without the port that https implies.
        return publicUrl.map(url -> {
            String host = url.getHost().toLowerCase(Locale.ROOT);
            int port = url.getPort();
            return "https://" + host + (port == -1 || port == 443 ? "" : ":" + port);
        });
    }

    private static boolean isOrigin(URI url) {
        return "https".equals(url.getScheme())
                && url.getHost() != null
                && url.getUserInfo() == null
                && (url.getPath().isEmpty() || url.getPath().equals("/"))
                && url.getQuery() == null
                && url.getFragment() == null;
    }
}

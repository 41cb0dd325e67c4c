package atlas.identity.saml;

import atlas.core.Role;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The {@code saml} section of {@code atlas.yaml}: which identity providers may sign people in, and
 * what their attributes mean here. Nothing is inferred: a role not in a mapping is no role.
 *
 * @param baseUrl the control plane as browsers reach it, such as {@code https://atlas.example:9443}
 * @param entityId our name; {@code <base-url>/saml/metadata} unless said
 * @param signature how we sign; RSA with SHA-256 unless said
 * @param keyLifetime how long a key pair of ours is used; 365 days unless said
 * @param keyOverlap how long before its end its successor is published; 30 days unless said
 * @param loginWindow how long a person may take at the provider; 10 minutes unless said
 * @param identityProviders at least one, or nobody signs in by SAML
 */
public record SamlConfig(
        Optional<URI> baseUrl,
        Optional<String> entityId,
        Optional<Signature> signature,
        Optional<Duration> keyLifetime,
        Optional<Duration> keyOverlap,
        Optional<Duration> loginWindow,
        List<Provider> identityProviders) {
    private static final Duration LONGEST_WINDOW = Duration.ofMinutes(10);

    public SamlConfig {
        identityProviders = List.copyOf(identityProviders);
        if (!identityProviders.isEmpty()) {
            check(baseUrl, identityProviders);
        }
        Duration lifetime = keyLifetime.orElse(Duration.ofDays(365));
        Duration overlap = keyOverlap.orElse(Duration.ofDays(30));
        if (overlap.isNegative() || overlap.isZero() || lifetime.compareTo(overlap) <= 0) {
            throw new IllegalArgumentException(
                    "`key-overlap` is positive and shorter than `key-lifetime`");
        }
        Duration window = loginWindow.orElse(Duration.ofMinutes(10));
        if (window.compareTo(Duration.ofSeconds(10)) < 0 || window.compareTo(LONGEST_WINDOW) > 0) {
            throw new IllegalArgumentException("`login-window` is between 10s and 10m");
        }
    }

    private static void check(Optional<URI> baseUrl, List<Provider> providers) {
        URI base =
                baseUrl.orElseThrow(() ->
                        new IllegalArgumentException(
                                "`base-url` is missing; providers are told where to answer by it"));
        if (!"https".equals(base.getScheme())
                || base.getHost() == null
                || !(base.getRawPath().isEmpty() || base.getRawPath().equals("/"))
                || base.getRawQuery() != null
                || base.getRawFragment() != null
                || base.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "`base-url` is `https://host` or `https://host:port`, not `" + base + "`");
        }
        Set<String> seen = new HashSet<>();
        for (Provider provider : providers) {
            if (!seen.add("name " + provider.name) || !seen.add("entity " + provider.entityId)) {
                throw new IllegalArgumentException(
                        "identity provider `" + provider.name + "` is configured twice");
            }
        }
    }

    /** Nobody signs in by SAML. */
    public static SamlConfig defaults() {
        return new SamlConfig(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** How we sign. */
    public enum Signature {
        RSA_SHA256,
        ECDSA_SHA256
    }

    /**
     * One identity provider.
     *
     * @param name ours, for {@code /saml/login?provider=} and records
     * @param label on its button; the name unless said
     * @param entityId compared character by character with {@code Issuer}
     * @param metadata {@code https:} or {@code file:}; where its keys and end points are read from
     * @param metadataTrust PEM anchors of the metadata's server; those of the runtime unless said
     * @param metadataSigner PEM certificate whose key must have signed the metadata
     * @param skew clock difference allowed, at most five minutes; 30 seconds unless said
     * @param tenant the tenant its people belong to
     * @param principalAttribute names the person, instead of the {@code NameID}
     * @param rolesAttribute holds role names, translated by {@code roleMapping}
     * @param groupsAttribute holds group names, as policy sees them
     * @param attributes which attributes policy sees, and as what: provider's name to ours
     * @param authnContexts when not empty, the login must have been by one of these classes
     * @param maxAuthenticationAge how long ago the person may have shown a credential there
     * @param allowUnsolicited whether logins that nobody asked for here are taken; no unless said
     */
    public record Provider(
            String name,
            Optional<String> label,
            String entityId,
            URI metadata,
            Optional<Path> metadataTrust,
            Optional<Path> metadataSigner,
            Optional<Duration> skew,
            Optional<String> tenant,
            Optional<String> principalAttribute,
            Optional<String> rolesAttribute,
            Map<String, Role> roleMapping,
            Optional<String> groupsAttribute,
            Map<String, String> attributes,
            List<String> authnContexts,
            Optional<Duration> maxAuthenticationAge,
            Optional<Boolean> allowUnsolicited) {
        private static final Duration MAX_SKEW = Duration.ofMinutes(5);

        public Provider {
            roleMapping = Map.copyOf(roleMapping);
            attributes = Map.copyOf(attributes);
            authnContexts = List.copyOf(authnContexts);
            if (!name.matches("[a-z0-9][a-z0-9-]{0,31}")) {
                throw new IllegalArgumentException(
                        "an identity provider's name has 1 to 32 of a-z, 0-9 and -, not `"
                                + name
                                + "`");
            }
            if (entityId.isEmpty()
                    || entityId.length() > 200
                    || !entityId.chars()
                            .allMatch(c -> c > ' ' && c < 0x7f && "*`#".indexOf(c) < 0)) {
                throw new IllegalArgumentException("not an entity id: `" + entityId + "`");
            }
            if (!Set.of("https", "file")
                    .contains(String.valueOf(metadata.getScheme()).toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException(
                        "metadata `" + metadata + "` is neither https: nor file:");
            }
            Duration allowed = skew.orElse(Duration.ZERO);
            if (allowed.isNegative() || allowed.compareTo(MAX_SKEW) > 0) {
                throw new IllegalArgumentException("skew is at most 5m, not `" + allowed + "`");
            }
            if (!roleMapping.isEmpty() && rolesAttribute.isEmpty()) {
                throw new IllegalArgumentException(
                        "`role-mapping` of `" + name + "` needs a `roles-attribute`");
            }
        }

        Duration clockSkew() {
            return skew.orElse(Duration.ofSeconds(30));
        }
    }

    /** Whether anybody can sign in by SAML. */
    public boolean enabled() {
        return !identityProviders.isEmpty();
    }

    /** Our name as a service provider. */
    public String ownName() {
        return entityId.orElseGet(() -> at("/saml/metadata"));
    }

    String consumerUrl() {
        return at("/saml/acs");
    }

    String logoutUrl() {
        return at("/saml/slo");
    }

    private String at(String path) {
        String base = baseUrl.orElseThrow().toString();
        return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path;
    }

    Signature signing() {
        return signature.orElse(Signature.RSA_SHA256);
    }

    Duration lifetime() {
        return keyLifetime.orElse(Duration.ofDays(365));
    }

    Duration overlap() {
        return keyOverlap.orElse(Duration.ofDays(30));
    }

    Duration window() {
        return loginWindow.orElse(Duration.ofMinutes(10));
    }
}

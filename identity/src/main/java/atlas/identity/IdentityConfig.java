package atlas.identity;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.WorkloadId;
import atlas.identity.ApiKeys.Cadence;
import atlas.identity.WorkloadTrust.WorkloadGrant;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The {@code identity} section of {@code atlas.yaml}: who is believed beside API keys.
 *
 * @param issuers OIDC issuers whose JWTs are accepted
 * @param issuerTrust PEM file with the anchors of the issuers' servers; without it, those of the
 *     Java runtime
 * @param workloads what certificates of the trust domain may carry; the first match applies
 * @param keys when API keys have to be rotated
 * @param tokens how tokens of our own are made
 * @param workloadApi the agent that gives processes the identities they show each other; without it
 *     and without {@code svidFiles} they are the internal authority's
 * @param svidFiles such identities in files, one for each process that has its own
 * @param trustBundles other trust domains whose workloads are believed
 */
public record IdentityConfig(
        List<Issuer> issuers,
        Optional<Path> issuerTrust,
        List<Workload> workloads,
        Keys keys,
        Tokens tokens,
        Optional<WorkloadApi> workloadApi,
        List<SvidFiles> svidFiles,
        List<TrustBundle> trustBundles) {
    public IdentityConfig {
        issuers = List.copyOf(issuers);
        workloads = List.copyOf(workloads);
        svidFiles = List.copyOf(svidFiles);
        trustBundles = List.copyOf(trustBundles);
        if (workloadApi.isPresent() && !svidFiles.isEmpty()) {
            throw new IllegalArgumentException(
                    "identities come from `workload-api` or from `svid-files`, not from both");
        }
        once("svid-files", svidFiles.stream().map(SvidFiles::process).toList());
        once("trust-bundles", trustBundles.stream().map(TrustBundle::trustDomain).toList());
    }

    /** With identities of the internal authority, and no other trust domain. */
    public IdentityConfig(
            List<Issuer> issuers,
            Optional<Path> issuerTrust,
            List<Workload> workloads,
            Keys keys,
            Tokens tokens) {
        this(issuers, issuerTrust, workloads, keys, tokens, Optional.empty(), List.of(), List.of());
    }

    private static void once(String key, List<String> names) {
        if (Set.copyOf(names).size() != names.size()) {
            throw new IllegalArgumentException("`" + key + "` names something twice");
        }
    }

    /** API keys only. */
    public static IdentityConfig defaults() {
        return new IdentityConfig(
                List.of(), Optional.empty(), List.of(), Keys.defaults(), Tokens.defaults());
    }

    /**
     * The SPIFFE Workload API.
     *
     * @param socket the agent's unix socket
     * @param trustDomain each process must be given {@code spiffe://<trust-domain>/<process>}
     * @param patience how long the agent may take to give them at start; 30 seconds unless said
     */
    public record WorkloadApi(Path socket, String trustDomain, Optional<Duration> patience) {
        public WorkloadApi {
            new WorkloadId(trustDomain, "/any");
        }
    }

    /**
     * One process's identity in PEM files, read again when they change.
     *
     * @param process {@code gateway}, {@code node} or {@code control}
     * @param key unencrypted PKCS #8
     * @param bundle the anchors of its own trust domain
     */
    public record SvidFiles(String process, Path certificate, Path key, Path bundle) {
        public SvidFiles {
            if (!Set.of("gateway", "node", "control").contains(process)) {
                throw new IllegalArgumentException(
                        "`process` is `gateway`, `node` or `control`, not `" + process + "`");
            }
        }
    }

    /** The anchors of another trust domain: a PEM file, read again when it changes. */
    public record TrustBundle(String trustDomain, Path file) {
        public TrustBundle {
            new WorkloadId(trustDomain, "/any");
        }
    }

    /**
     * One issuer.
     *
     * @param skew clock difference allowed; 30 seconds unless said
     * @param rolesClaim holds the issuer's role names
     * @param roleMapping the issuer's role name to ours
     * @param groupsClaim holds group names for policies
     * @param attributes our attribute name for policies to the claim it comes from
     * @param principalClaim names the caller; {@code sub} unless said
     * @param principalKind what its callers are; people unless said
     * @param tenant the tenant of its callers; the default one unless said
     * @param accessTokensOnly whether tokens must say {@code at+jwt}; no unless said
     * @param subjects callers must fit one of these, when there are any; the first that fits
     *     applies
     */
    public record Issuer(
            String issuer,
            Optional<URI> jwksUri,
            Set<String> audiences,
            Set<String> algorithms,
            Optional<Duration> skew,
            Optional<String> rolesClaim,
            Map<String, Role> roleMapping,
            Optional<String> modelsClaim,
            Optional<String> groupsClaim,
            Map<String, String> attributes,
            Optional<String> principalClaim,
            Optional<Principal.Kind> principalKind,
            Optional<String> tenant,
            Set<String> authorizedParties,
            Optional<Boolean> accessTokensOnly,
            List<Subject> subjects) {
        public Issuer {
            audiences = Set.copyOf(audiences);
            algorithms = algorithms.isEmpty() ? Set.of("ES256", "RS256") : Set.copyOf(algorithms);
            roleMapping = Map.copyOf(roleMapping);
            attributes = Map.copyOf(attributes);
            authorizedParties = Set.copyOf(authorizedParties);
            subjects = List.copyOf(subjects);
            if (rolesClaim.isEmpty() == !roleMapping.isEmpty()) {
                throw new IllegalArgumentException(
                        "`roles-claim` and `role-mapping` are given together or not at all");
            }
            if (rolesClaim.isEmpty() && subjects.isEmpty()) {
                throw new IllegalArgumentException(
                        "issuer `"
                                + issuer
                                + "` gives nobody a role: say `roles-claim` and `role-mapping`, or"
                                + " `subjects`");
            }
        }

        JwtIssuerConfig checked() {
            return new JwtIssuerConfig(
                    issuer,
                    jwksUri,
                    audiences,
                    algorithms,
                    skew.orElse(Duration.ofSeconds(30)),
                    authorizedParties,
                    accessTokensOnly.orElse(false),
                    new JwtIssuerConfig.Mapping(
                            rolesClaim,
                            roleMapping,
                            modelsClaim,
                            groupsClaim,
                            attributes,
                            principalClaim.orElse("sub"),
                            principalKind.orElse(Principal.Kind.HUMAN),
                            tenant.orElse(Principal.DEFAULT_TENANT),
                            subjects.stream().map(Subject::checked).toList()));
        }
    }

    /**
     * Callers of one pattern, such as the service accounts of a namespace.
     *
     * @param match a pattern for the principal claim
     * @param claims patterns that further claims must match
     * @param kind what they are; workloads unless said
     * @param models which models they reach; every one their grant reaches when not said
     */
    public record Subject(
            String match,
            Map<String, String> claims,
            Optional<Principal.Kind> kind,
            Set<Role> roles,
            List<String> models) {
        public Subject {
            claims = Map.copyOf(claims);
            roles = Set.copyOf(roles);
            models = List.copyOf(models);
            if (roles.isEmpty()) {
                throw new IllegalArgumentException("subject `" + match + "` is given no role");
            }
        }

        JwtIssuerConfig.SubjectRule checked() {
            Map<String, Glob> patterns = new HashMap<>();
            claims.forEach((name, pattern) -> patterns.put(name, new Glob(pattern)));
            return new JwtIssuerConfig.SubjectRule(
                    new Glob(match),
                    patterns,
                    kind.orElse(Principal.Kind.WORKLOAD),
                    roles,
                    models.stream().map(Glob::new).toList());
        }
    }

    /** What workloads of a pattern may be; {@code tenant} is the default one unless said. */
    public record Workload(
            String spiffeId, Set<Role> roles, List<String> models, Optional<String> tenant) {
        public Workload {
            roles = Set.copyOf(roles);
            models = List.copyOf(models);
        }

        WorkloadGrant checked() {
            return new WorkloadGrant(
                    new Glob(spiffeId),
                    roles,
                    models.stream().map(Glob::new).toList(),
                    tenant.orElse(Principal.DEFAULT_TENANT));
        }
    }

    /**
     * How often API keys are rotated.
     *
     * @param cadence after which a key works no more, whatever its expiry says
     * @param roleCadence other cadences, by role; a key of several roles has the shortest
     * @param warnBefore how long before the end reminders begin; at most a quarter of a key's life
     */
    public record Keys(Duration cadence, Map<Role, Duration> roleCadence, Duration warnBefore) {
        public Keys {
            roleCadence = Map.copyOf(roleCadence);
        }

        public static Keys defaults() {
            Cadence usual = Cadence.defaults();
            return new Keys(usual.usual(), usual.byRole(), usual.warning());
        }

        /**
         * For {@link ApiKeys}.
         *
         * @throws IllegalArgumentException when a cadence is too short to work with, or too long
         */
        public Cadence checked() {
            return new Cadence(cadence, roleCadence, warnBefore);
        }
    }

    /**
     * Tokens of our own.
     *
     * @param issuer the https URL in them; {@code https://} and the trust domain unless said
     * @param lifetime how long one lives, at most 15 minutes
     * @param rotation how often a new signing key begins
     */
    public record Tokens(Optional<String> issuer, Duration lifetime, Duration rotation) {
        public static Tokens defaults() {
            return new Tokens(Optional.empty(), Duration.ofMinutes(10), Duration.ofDays(1));
        }
    }

    /**
     * For {@link JwtIssuers}.
     *
     * @throws IllegalArgumentException when an issuer would be trusted with too much
     */
    public List<JwtIssuerConfig> jwtIssuers() {
        return issuers.stream().map(Issuer::checked).toList();
    }

    /** For {@link WorkloadTrust}. */
    public List<WorkloadGrant> workloadGrants() {
        return workloads.stream().map(Workload::checked).toList();
    }

    /**
     * Fetches the issuers' keys, trusting the configured anchors.
     *
     * @throws IdentityException when the anchors cannot be read
     */
    public JwksFetcher jwksFetcher() {
        if (issuerTrust.isEmpty()) {
            return JwksFetcher.trustingRuntime();
        }
        try {
            return JwksFetcher.trusting(Pem.certificates(Files.readString(issuerTrust.get())));
        } catch (IOException e) {
            throw new IdentityException(
                    "issuer trust anchors `" + issuerTrust.get() + "` cannot be read", e);
        }
    }
}

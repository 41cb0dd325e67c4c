package atlas.control;

import atlas.control.api.ControlRoutes;
import atlas.control.backup.HomeBackup;
import atlas.control.enrol.Enrolments;
import atlas.control.enrol.Issuer;
import atlas.control.link.StateSource;
import atlas.control.live.ActivityFeed;
import atlas.control.policies.PolicyBook;
import atlas.control.posture.Surroundings;
import atlas.control.saml.KeyRing;
import atlas.control.store.AlertBook;
import atlas.control.store.ControlStore;
import atlas.control.store.SqlApiKeyStore;
import atlas.control.store.SqlGrantStore;
import atlas.control.store.SqlRevocationStore;
import atlas.control.store.SqlSpendingStore;
import atlas.control.store.SqlWorkloadTable;
import atlas.control.store.StoreException;
import atlas.control.trust.BootstrapCredentials;
import atlas.control.trust.HomeDirectory;
import atlas.control.trust.HomeException;
import atlas.control.trust.HomeJournal;
import atlas.control.trust.HomeVault;
import atlas.control.trust.KeyUseRecorder;
import atlas.control.trust.Manifest;
import atlas.control.trust.PieceException;
import atlas.control.trust.RetentionTimer;
import atlas.control.trust.SealedFile;
import atlas.control.trust.SealedPieces;
import atlas.control.trust.SealedTokenKeys;
import atlas.control.trust.SigningKey;
import atlas.control.witness.WitnessedJournal;
import atlas.core.AuditEvent.Actor;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import atlas.export.ExportStatus;
import atlas.identity.ApiKeyStore;
import atlas.identity.ApiKeys;
import atlas.identity.CertificateAuthority;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import atlas.identity.revocation.Revocations;
import atlas.identity.revocation.Revocations.Revocation.Kind;
import atlas.identity.saml.SamlConfig;
import atlas.identity.saml.SamlServiceProvider;
import atlas.identity.spending.Spending;
import atlas.identity.token.AtlasTokens;
import atlas.journal.Journal;
import atlas.journal.JournalException;
import atlas.journal.JournalKeys;
import atlas.journal.JournalRetention;
import atlas.journal.witness.Witnessing;
import atlas.policy.AccessPolicy;
import atlas.policy.GrantStore;
import atlas.policy.PolicyConfig;
import atlas.policy.PolicyDecisionPoint;
import atlas.policy.PolicyException;
import atlas.registry.ModelRegistry;
import atlas.registry.RegistryConfig;
import atlas.registry.RegistryException;
import atlas.registry.TrustedSigners;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.TlsIdentity;
import atlas.vault.KekWatch;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import atlas.vault.VaultException;
import atlas.vault.kek.KekProviders;
import atlas.watch.Watch;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Everything an installation rests on, made at first start and reused ever after: keys, internal
 * CA, vault, journal, control store, registry, first credentials.
 *
 * <p>Promises: private keys are in memory or sealed, only the KEK of the {@code file:} provider
 * lies in the clear and is named as such; a start interrupted at any moment is finished by the next
 * one; once established, a missing or altered piece is a {@link TrustRootException} that says which
 * and what to do, never replaced. Owns its parts and closes them in reverse order. Blocks on disk.
 * Thread-safe once opened.
 */
public final class TrustRoot implements AutoCloseable {
    /** The KEK of the {@code file:} provider: the one secret that lies in the clear. */
    public static final String KEK_FILE = "keys/kek";

    /** The root certificate of the local trust domain. */
    public static final String CA_FILE = "tls/ca.pem";

    /** Who signed the demo model, as the registry knows the signer. */
    public static final String DEMO_SIGNER = "atlas-demo";

    private static final String CA_PIECE = "keys/ca.sealed";
    private static final String DEMO_PIECE = "keys/demo-signer.sealed";
    private static final String PEPPER_PIECE = "keys/api-key-pepper.sealed";
    private static final String SAML_PIECE = "keys/saml.sealed";
    private static final String TOKEN_PIECE = "keys/tokens.sealed";
    private static final String STATEMENT_PIECE = "keys/statement-signer.sealed";
    private static final String STORE_FILE = "store.db";

    private final TrustRootConfig config;
    private final Lifecycle parts;
    private final HomeDirectory home;
    private final boolean firstStart;
    private final KeyVault vault;
    private final KekProviders keks;
    private final CertificateAuthority ca;
    private final KeyPair demoSigner;
    private final KeyPair statementSigner;
    private final Sensitive<byte[]> pepper;
    private final WitnessedJournal witnessed;
    private final Journal journal;
    private final JournalRetention retention;
    private final ControlStore store;
    private final SqlApiKeyStore keyStore;
    private final ApiKeys apiKeys;
    private final Spending spending;
    private final GrantStore grants;
    private final PolicyBook policies;
    private final Revocations revocations;
    private final SealedPieces pieces;
    private final TrustedSigners signers;
    private final ModelRegistry registry;
    private final Enrolments enrolments;
    private final BootstrapCredentials bootstrap;
    private final AlertBook alerts;
    private final Watch watch;
    private final HomeBackup backups;
    private volatile Map<String, List<X509Certificate>> believed;

    private TrustRoot(HomeDirectory home, TrustRootConfig config, Clock clock, Lifecycle parts) {
        this.config = config;
        this.parts = parts;
        this.home = home;
        keks = new KekProviders(home.root(), config.keeping().vault(), clock);
        Optional<Manifest> established = Manifest.read(home);
        firstStart = established.isEmpty();
        String tenant = Principal.DEFAULT_TENANT;

        KeyUseRecorder keyUses = new KeyUseRecorder();
        vault = openVault(clock, keyUses);
        Sealer trust = vault.sealer(Purpose.TRUST_ROOT, tenant);
        pieces = new SealedPieces(home, trust, !firstStart);
        ca =
                pieces.opened(
                        CA_PIECE,
                        () ->
                                CertificateAuthority.create(config.trustDomain(), clock)
                                        .export(trust),
                        sealed -> CertificateAuthority.open(sealed, trust, clock));
        believed = Map.of(config.trustDomain(), List.of(ca.root()));
        demoSigner = SigningKey.decode(pieces.secret(DEMO_PIECE, SigningKey::fresh));
        pepper = Sensitive.of(pieces.secret(PEPPER_PIECE, SealedPieces::random));
        statementSigner = statementSigner(home, established, trust);
        JournalKeys journalKeys = journalKeys(pieces, trust);
        witnessed = openJournal(journalKeys, clock);
        journal = witnessed.journal();
        parts.own(keyUses).connect(journal);
        retention = new JournalRetention(journal, config.keeping().journal(), clock);
        parts.own(new RetentionTimer(retention));
        vault.onForgotten(journal::forgetKeys);
        parts.own(KekWatch.over(vault, config.keeping().vault().checkInterval()));
        Founding founding = new Founding(home, config.trustDomain(), ca.root());
        if (firstStart) {
            founding.record(journal, pieces);
        }
        TrustRootRestored.record(home, journal);

        pieces.require(STORE_FILE);
        store =
                parts.own(
                        ControlStore.open(
                                home.path(STORE_FILE),
                                vault.sealer(Purpose.STORE, tenant),
                                pepper.reveal()));
        home.passed("store");
        keyStore = parts.own(new SqlApiKeyStore(store));
        apiKeys = new ApiKeys(keyStore, pepper, config.keys(), clock);
        spending = parts.own(new Spending(new SqlSpendingStore(store), clock));
        grants = new SqlGrantStore(store);
        policies = new PolicyBook(home, vault.sealer(Purpose.STORE, tenant), journal, clock);
        revocations = Revocations.authority(new SqlRevocationStore(store), clock);
        apiKeys.onRevoked(
                key -> revocations.revoke(Kind.KEY, key.tenant(), key.id(), "key revoked"));
        signers = config.signers().withKey(DEMO_SIGNER, demoSigner.getPublic());
        registry = openRegistry(tenant, clock);
        enrolments = new Enrolments(new SqlWorkloadTable(store), journal, clock);
        bootstrap = new BootstrapCredentials(home, apiKeys, grants, journal);
        alerts = new AlertBook(store);
        policies.risks().judge(alerts.all());
        alerts.onChange(() -> policies.risks().judge(alerts.all()));
        watch = HomeWatch.over(witnessed, alerts, apiKeys, clock);
        backups =
                new HomeBackup(
                        home.root(),
                        new HomeBackup.Parts(journal, store, STORE_FILE, vault),
                        HomeBackups.mayHoldKek(config.keeping().backups()),
                        clock);
        founding.settle(established, journalKeys.vkey(), this::renewBootstrap);
    }

    /**
     * Opens the installation in {@code home}, making it when it is new or its making was
     * interrupted.
     *
     * @throws TrustRootException when it cannot be opened as it was
     */
    public static TrustRoot openOrCreate(Path home, TrustRootConfig config, Clock clock) {
        return openOrCreate(home, config, clock, _ -> {});
    }

    /** As the public one; {@code crashPoint} hears every moment at which a crash matters. */
    static TrustRoot openOrCreate(
            Path home, TrustRootConfig config, Clock clock, Consumer<String> crashPoint) {
        Lifecycle parts = new Lifecycle();
        boolean opened = false;
        try {
            HomeDirectory directory = parts.own(HomeDirectory.open(home, crashPoint));
            TrustRoot root = new TrustRoot(directory, config, clock, parts);
            opened = true;
            return root;
        } catch (PieceException | HomeException e) {
            throw new TrustRootException(String.valueOf(e.getMessage()), e);
        } catch (KeyUnavailableException | SealBrokenException | VaultException e) {
            throw new TrustRootException(
                    "the vault in `" + home + "` does not open: " + e.getMessage(), e);
        } catch (JournalException | StoreException | RegistryException e) {
            throw new TrustRootException(String.valueOf(e.getMessage()), e);
        } finally {
            if (!opened) {
                parts.close();
            }
        }
    }

    private KeyVault openVault(Clock clock, KeyUseRecorder keyUses) {
        List<String> needed = firstStart ? List.of() : List.of("vault", "journal", "models");
        KeyVault opened =
                parts.own(
                        new HomeVault(home, KEK_FILE, clock)
                                .open(needed, config.keeping().vault(), keyUses));
        home.passed("vault");
        return opened;
    }

    /** Installations are older than this piece; once it was made it must be there. */
    private static KeyPair statementSigner(
            HomeDirectory home, Optional<Manifest> established, Sealer trust) {
        boolean stated = established.map(m -> !m.value("statements").isEmpty()).orElse(false);
        return SigningKey.decode(
                new SealedPieces(home, trust, stated).secret(STATEMENT_PIECE, SigningKey::fresh));
    }

    private JournalKeys journalKeys(SealedPieces pieces, Sealer trust) {
        return HomeJournal.keys(
                vault, pieces, trust, config.trustDomain(), config.keeping().journal());
    }

    private WitnessedJournal openJournal(JournalKeys keys, Clock clock) {
        return WitnessedJournal.open(
                home.folder("journal"),
                config.keeping().journal(),
                keys,
                () -> workload("control"),
                clock,
                parts);
    }

    private ModelRegistry openRegistry(String tenant, Clock clock) {
        ModelRegistry opened =
                parts.own(
                        ModelRegistry.open(
                                new RegistryConfig(home.folder("models")),
                                vault.objects(tenant),
                                vault.sealer(Purpose.WEIGHTS, tenant),
                                signers,
                                journal,
                                clock));
        home.passed("registry");
        return opened;
    }

    /**
     * A fresh identity for whoever listens: the SPIFFE ID, which workloads look for, and the names
     * and addresses of the configuration, which people's clients look for.
     *
     * @param process {@code gateway}, {@code control} or {@code node}
     */
    public TlsIdentity server(String process) {
        ServerNames at = ServerNames.with(config.serverNames());
        return identity(
                ca.server(
                        workloadId(process),
                        at.names(),
                        at.addresses(),
                        config.certificateLifetime()));
    }

    /** A fresh identity for whoever calls another process: good as a client's only. */
    public TlsIdentity workload(String process) {
        return identity(ca.workload(workloadId(process), config.certificateLifetime()));
    }

    private TlsIdentity identity(IssuedCertificate issued) {
        return new TlsIdentity(issued.key(), issued.chain(), List.of(ca.root()), believed);
    }

    /** From now on identities judge their peers by these bundles, ours among them. */
    public void believe(Map<String, List<X509Certificate>> bundles) {
        believed = Map.copyOf(bundles);
    }

    /** The SPIFFE ID of a process of this installation. */
    public WorkloadId workloadId(String process) {
        return new WorkloadId(config.trustDomain(), "/" + process);
    }

    /** How long an identity should be used before a fresh one is asked for. */
    public Duration renewAfter() {
        return config.certificateLifetime().dividedBy(2);
    }

    /** The root of the local trust domain. */
    public X509Certificate rootCertificate() {
        return ca.root();
    }

    /** Where the installation lives. */
    public Path home() {
        return home.root();
    }

    /** Whether this start made the installation. */
    public boolean firstStart() {
        return firstStart;
    }

    public String trustDomain() {
        return config.trustDomain();
    }

    public KeyVault vault() {
        return vault;
    }

    public Journal journal() {
        return journal;
    }

    /** Whether the control store can be read now. */
    public boolean storeAnswers() {
        return store.answers();
    }

    /** Those who witness the journal; empty where nobody is asked. */
    Optional<Witnessing> witnessing() {
        return witnessed.witnessing();
    }

    public ApiKeys apiKeys() {
        return apiKeys;
    }

    /** The keys as they are kept, for tests that make them older. */
    ApiKeyStore keyStore() {
        return keyStore;
    }

    /** What keys have used of what they may use. */
    public Spending spending() {
        return spending;
    }

    public GrantStore grants() {
        return grants;
    }

    /**
     * What decides: the built-in roles, and the policy file that the configuration names or the
     * home keeps.
     *
     * @throws TrustRootException when that file does not hold
     */
    public PolicyDecisionPoint policy(PolicyConfig with, Clock clock) {
        try {
            policies.begin(with);
        } catch (PolicyException e) {
            throw new TrustRootException(String.valueOf(e.getMessage()), e);
        }
        AccessPolicy access =
                new AccessPolicy(grants, policies.policies(), policies.surroundings(), clock);
        // Nothing remembered outlives a revocation, though nothing remembered rests on a
        // credential.
        revocations.onChange(_ -> access.forget());
        return access;
    }

    PolicyBook policies() {
        return policies;
    }

    /** The roles that mean something now: the built-in ones and those of the policy file. */
    public Set<Role> roles() {
        Set<Role> all = new TreeSet<>(Role.builtIn());
        all.addAll(policies.policies().current().customRoles().keySet());
        return all;
    }

    public ModelRegistry registry() {
        return registry;
    }

    /** What was taken back; the authority of this installation. */
    public Revocations revocations() {
        return revocations;
    }

    /** Where the keys that sign tokens are kept: sealed, and every change of them journaled. */
    public AtlasTokens.Keeping tokenKeys() {
        return new SealedTokenKeys(pieces, TOKEN_PIECE, journal);
    }

    /** Whose signatures the registry accepts. */
    public TrustedSigners signers() {
        return signers;
    }

    /** The key pair that signs the demo model; trusted as {@link #DEMO_SIGNER}. */
    public KeyPair demoSigner() {
        return demoSigner;
    }

    /** Whether {@code bootstrap.json} is still there; warn while it is. */
    public boolean bootstrapPresent() {
        return bootstrap.present();
    }

    /** When the last bootstrap credential ends. */
    public Optional<Instant> bootstrapExpires() {
        return bootstrap.expires();
    }

    /** Revokes the bootstrap credentials and deletes their file; false when there were none. */
    public boolean removeBootstrap() {
        return bootstrap.remove(Actor.system("trust-root"), "");
    }

    /** Makes new bootstrap credentials, for an operator locked out of an installation at rest. */
    public void renewBootstrap() {
        bootstrap.issue(config.bootstrapLifetime(), Actor.system("trust-root"));
    }

    /** What looks wrong in the journal, and the numbers for scraping. */
    public Watch watch() {
        return watch;
    }

    TrustRootConfig config() {
        return config;
    }

    HomeBackup backups() {
        return backups;
    }

    /**
     * Our side of SAML sign-in, with keys sealed in this home; the caller closes it.
     *
     * @throws TrustRootException when the keys do not open
     */
    public SamlServiceProvider saml(SamlConfig config, Clock clock) {
        try {
            Sealer trust = vault.sealer(Purpose.TRUST_ROOT, Principal.DEFAULT_TENANT);
            SealedFile file = new SealedFile(home, trust, SAML_PIECE);
            return new SamlServiceProvider(
                    config, new KeyRing(file, config, journal, clock), clock);
        } catch (PieceException e) {
            throw new TrustRootException(String.valueOf(e.getMessage()), e);
        }
    }

    Enrolments enrolments() {
        return enrolments;
    }

    Issuer issuer() {
        return new WorkloadIssuer(ca, config, statementSigner.getPublic());
    }

    StateSource states(AtlasTokens tokens, Clock clock) {
        return new StateSource(
                new StateSource.Sources(
                        pepper,
                        keyStore,
                        grants,
                        policies,
                        registry,
                        signers,
                        enrolments,
                        new StateSource.Revoking(tokens, revocations)),
                statementSigner.getPrivate(),
                clock);
    }

    ControlRoutes.Access access(PolicyDecisionPoint policy) {
        return new ControlRoutes.Access(
                apiKeys,
                new ControlRoutes.Rules(grants, policy, policies),
                new ControlRoutes.Keys(vault, keks, config.keeping().vault().kek()),
                registry,
                bootstrap);
    }

    ControlRoutes.Evidence evidence(ActivityFeed feed, Supplier<List<ExportStatus>> exports) {
        return new ControlRoutes.Evidence(
                journal, retention, witnessing(), watch, alerts, backups, feed, exports);
    }

    /** What checks of the posture work with. */
    Surroundings surroundings(Clock clock) {
        return new Surroundings(
                new Surroundings.Access(apiKeys, grants),
                new Surroundings.Models(registry, demoSigner),
                new Surroundings.Keys(vault, keks),
                new Surroundings.Evidence(journal, alerts),
                new Surroundings.Anchors(ca.root(), home.folder("staging")),
                clock);
    }

    Path folder(String name) {
        return home.folder(name);
    }

    /** Writes the last uses of keys that were noted in memory. */
    void flushUses() {
        apiKeys.flush();
        keyStore.flush();
    }

    @Override
    public void close() {
        parts.close();
    }
}

package atlas.control;

import atlas.control.ControlParts.OwnSvid;
import atlas.control.store.ControlStore;
import atlas.control.store.SqlSpendingStore;
import atlas.control.store.StoreException;
import atlas.control.trust.HomeDirectory;
import atlas.control.trust.HomeException;
import atlas.control.trust.HomeJournal;
import atlas.control.trust.HomeVault;
import atlas.control.trust.KeyUseRecorder;
import atlas.control.trust.PieceException;
import atlas.control.trust.RetentionTimer;
import atlas.control.trust.SealedPieces;
import atlas.control.witness.WitnessedJournal;
import atlas.core.AuditEvent.AlertRaised;
import atlas.core.Principal;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import atlas.export.Export;
import atlas.identity.spending.Spending;
import atlas.journal.Journal;
import atlas.journal.JournalException;
import atlas.journal.JournalKeys;
import atlas.journal.JournalRetention;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.TlsIdentity;
import atlas.vault.KekWatch;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import atlas.vault.VaultException;
import atlas.watch.Metrics;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a gateway or node in a process of its own keeps: its certificates and keys, sealed; its own
 * journal; what keys have spent there; ciphertext of models. Made by joining once, opened ever
 * after. Nothing that the control plane decides by is kept here.
 *
 * <p>Owns its parts and closes them in reverse order. Blocks on disk and, while joining and
 * renewing, on the control plane. Thread-safe once opened.
 */
public final class WorkloadHome implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkloadHome.class);
    private static final String KEK_FILE = TrustRoot.KEK_FILE;
    private static final String IDENTITY_FILE = "keys/workload.sealed";
    private static final String ROWS_PIECE = "keys/rows.sealed";
    private static final String STORE_FILE = "store.db";

    private final Lifecycle parts;
    private final HomeDirectory home;
    private final KeyVault vault;
    private final Sealer trust;
    private final WitnessedJournal witnessed;
    private final Journal journal;
    private final SqlSpendingStore spending;
    private final Sealer rows;
    private final Clock clock;
    private final Optional<OwnSvid> own;
    private volatile Membership membership;

    private WorkloadHome(
            HomeDirectory home,
            Admission admission,
            HomeConfig keeping,
            Clock clock,
            Lifecycle parts) {
        this.home = home;
        this.parts = parts;
        this.own = admission.own();
        boolean joined = home.has(IDENTITY_FILE);
        admission.require(home, joined);
        KeyUseRecorder keyUses = new KeyUseRecorder();
        List<String> needed = joined ? List.of("vault", "journal") : List.of();
        vault =
                parts.own(
                        new HomeVault(home, KEK_FILE, clock)
                                .open(needed, keeping.vault(), keyUses));
        trust = vault.sealer(Purpose.TRUST_ROOT, Principal.DEFAULT_TENANT);
        membership = joined ? admission.again(kept()) : keep(admission.first());
        SealedPieces pieces = new SealedPieces(home, trust, joined);
        JournalKeys keys =
                HomeJournal.keys(vault, pieces, trust, membership.trustDomain(), keeping.journal());
        witnessed =
                WitnessedJournal.open(
                        home.folder("journal"),
                        keeping.journal(),
                        keys,
                        this::client,
                        clock,
                        parts);
        journal = witnessed.journal();
        parts.own(keyUses).connect(journal);
        parts.own(new RetentionTimer(new JournalRetention(journal, keeping.journal(), clock)));
        witnessed.begin(this::alarmed);
        vault.onForgotten(journal::forgetKeys);
        parts.own(KekWatch.over(vault, keeping.vault().checkInterval()));
        byte[] rowSecret = pieces.secret(ROWS_PIECE, SealedPieces::random);
        rows = vault.sealer(Purpose.STORE, Principal.DEFAULT_TENANT);
        this.clock = clock;
        spending =
                new SqlSpendingStore(
                        parts.own(ControlStore.open(home.path(STORE_FILE), rows, rowSecret)));
    }

    /** Opens the home with its journal kept as by default. */
    public static WorkloadHome open(Path home, Optional<Sensitive<String>> token, Clock clock) {
        return open(home, token, HomeConfig.defaults(), clock);
    }

    /**
     * Opens the home, joining with the token when it has not joined yet.
     *
     * @throws TrustRootException when it cannot be opened as it was, or the control plane does not
     *     let it join
     */
    public static WorkloadHome open(
            Path home, Optional<Sensitive<String>> token, HomeConfig keeping, Clock clock) {
        return opened(home, new Admission.Token(token), keeping, clock);
    }

    /**
     * Opens the home of a workload that has an SVID of its own, enrolling with it when it was not
     * enrolled yet.
     *
     * @param control where the control plane answers workloads
     * @throws TrustRootException when it cannot be opened as it was, or the control plane does not
     *     enrol it
     */
    public static WorkloadHome open(
            Path home, OwnSvid svid, InetSocketAddress control, HomeConfig keeping, Clock clock) {
        Membership.Place place = new Membership.Place(control.getHostString(), control.getPort());
        return opened(home, new Admission.Svid(svid, place), keeping, clock);
    }

    private static WorkloadHome opened(
            Path home, Admission admission, HomeConfig keeping, Clock clock) {
        Lifecycle parts = new Lifecycle();
        boolean opened = false;
        try {
            HomeDirectory directory = parts.own(HomeDirectory.open(home));
            WorkloadHome made = new WorkloadHome(directory, admission, keeping, clock, parts);
            opened = true;
            return made;
        } catch (PieceException | HomeException | JournalException | StoreException e) {
            throw new TrustRootException(String.valueOf(e.getMessage()), e);
        } catch (KeyUnavailableException | SealBrokenException | VaultException e) {
            throw new TrustRootException(
                    "the vault in `" + home + "` does not open: " + e.getMessage(), e);
        } finally {
            if (!opened) {
                parts.close();
            }
        }
    }

    private void alarmed(AlertRaised alert) {
        journal.submit(alert)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOG.atError()
                                .addKeyValue("alert", alert.alertId())
                                .log("alert not journaled");
                    }
                });
    }

    /** Shows how the journal stands with its witnesses to whoever scrapes. */
    public void measure(Metrics metrics) {
        witnessed.measure(metrics);
    }

    private Membership kept() {
        byte[] sealed = home.read(IDENTITY_FILE).orElseThrow();
        return Membership.parse(trust.open(sealed, place()));
    }

    private Membership keep(Membership made) {
        home.write(IDENTITY_FILE, trust.seal(made.json(), place()));
        home.write(TrustRoot.CA_FILE, made.rootPem());
        return made;
    }

    private static byte[] place() {
        return ("atlas workload\n" + IDENTITY_FILE)
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    Membership membership() {
        return membership;
    }

    /** Uses other certificates from now on, and after the next start. */
    void renewed(Membership renewed) {
        membership = keep(renewed);
    }

    /** What keys have spent here; durable. */
    public Spending.Store spending() {
        return spending;
    }

    public Journal journal() {
        return journal;
    }

    /** What seals here, beside the journal. */
    public KeyVault vault() {
        return vault;
    }

    /** Gives this journal's entries to other systems until what is returned is closed. */
    public AutoCloseable export(List<Export> exports, Metrics metrics) {
        return HomeExports.start(
                exports,
                new HomeExports.Lent(journal, home.folder(HomeExports.FOLDER), rows),
                metrics,
                clock);
    }

    /** {@code gateway} or {@code node}. */
    public String role() {
        return membership.role();
    }

    /** Its name among those of its role. */
    public String name() {
        return membership.name();
    }

    /** The trust domain in which it is known to the other processes. */
    public String trustDomain() {
        return own.map(svid -> svid.id().trustDomain()).orElseGet(membership::trustDomain);
    }

    /** The trust domain of the control plane's own authority. */
    public String authority() {
        return membership.trustDomain();
    }

    Optional<OwnSvid> own() {
        return own;
    }

    /** Its own SPIFFE ID. */
    public WorkloadId id() {
        return new WorkloadId(trustDomain(), "/" + role() + "/" + name());
    }

    /**
     * What people's clients are shown: a certificate of the internal authority, which names hosts.
     */
    public TlsIdentity server() {
        return membership.server();
    }

    /** What it shows other processes that call it. */
    public TlsIdentity shown() {
        return own.map(svid -> svid.shown().get()).orElseGet(this::server);
    }

    /** What it calls others with. */
    public TlsIdentity client() {
        return own.map(svid -> svid.shown().get()).orElseGet(() -> membership.client());
    }

    /** Where the home lies. */
    public Path path() {
        return home.root();
    }

    Path folder(String name) {
        return home.folder(name);
    }

    @Override
    public void close() {
        parts.close();
    }
}

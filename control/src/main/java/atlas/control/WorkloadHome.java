package atlas.control;

import atlas.control.enrol.JoinToken;
import atlas.control.store.ControlStore;
import atlas.control.store.SqlSpendingStore;
import atlas.control.store.StoreException;
import atlas.control.trust.HomeDirectory;
import atlas.control.trust.HomeException;
import atlas.control.trust.HomeJournal;
import atlas.control.trust.KeyUseRecorder;
import atlas.control.trust.PieceException;
import atlas.control.trust.SealedPieces;
import atlas.core.Principal;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import atlas.identity.spending.Spending;
import atlas.journal.Journal;
import atlas.journal.JournalException;
import atlas.journal.JournalKeys;
import atlas.journal.JournalSettings;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.TlsIdentity;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import atlas.vault.VaultException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * What a gateway or node in a process of its own keeps: its certificates and keys, sealed; its own
 * journal; what keys have spent there; ciphertext of models. Made by joining once, opened ever
 * after. Nothing that the control plane decides by is kept here.
 *
 * <p>Owns its parts and closes them in reverse order. Blocks on disk and, while joining and
 * renewing, on the control plane. Thread-safe once opened.
 */
public final class WorkloadHome implements AutoCloseable {
    private static final String KEK_FILE = TrustRoot.KEK_FILE;
    private static final String IDENTITY_FILE = "keys/workload.sealed";
    private static final String ROWS_PIECE = "keys/rows.sealed";
    private static final String STORE_FILE = "store.db";

    private final Lifecycle parts;
    private final HomeDirectory home;
    private final Sealer trust;
    private final Journal journal;
    private final SqlSpendingStore spending;
    private volatile Membership membership;

    private WorkloadHome(
            HomeDirectory home,
            Optional<Sensitive<String>> token,
            JournalSettings settings,
            Clock clock,
            Lifecycle parts) {
        this.home = home;
        this.parts = parts;
        boolean joined = home.has(IDENTITY_FILE);
        if (!joined && token.isEmpty()) {
            throw new TrustRootException(
                    "`"
                            + home.root()
                            + "` has not joined a control plane; get a token there with `atlas"
                            + " node join-token` and give it with --join",
                    null);
        }
        KeyUseRecorder keyUses = new KeyUseRecorder();
        List<String> needed = joined ? List.of(KEK_FILE, "vault", "journal") : List.of();
        KeyVault vault = parts.own(HomeJournal.vault(home, KEK_FILE, needed, clock, keyUses));
        trust = vault.sealer(Purpose.TRUST_ROOT, Principal.DEFAULT_TENANT);
        membership = joined ? kept() : join(token.orElseThrow());
        SealedPieces pieces = new SealedPieces(home, trust, joined);
        JournalKeys keys = HomeJournal.keys(vault, pieces, trust, membership.trustDomain());
        journal =
                parts.own(
                        Journal.open(
                                settings.journal(home.folder("journal"), keys.origin()),
                                keys,
                                clock));
        keyUses.connect(journal);
        byte[] rowSecret = pieces.secret(ROWS_PIECE, SealedPieces::random);
        Sealer rows = vault.sealer(Purpose.STORE, Principal.DEFAULT_TENANT);
        spending =
                new SqlSpendingStore(
                        parts.own(ControlStore.open(home.path(STORE_FILE), rows, rowSecret)));
    }

    /** Opens the home with its journal kept as by default. */
    public static WorkloadHome open(Path home, Optional<Sensitive<String>> token, Clock clock) {
        return open(home, token, JournalSettings.defaults(), clock);
    }

    /**
     * Opens the home, joining with the token when it has not joined yet.
     *
     * @throws TrustRootException when it cannot be opened as it was, or the control plane does not
     *     let it join
     */
    public static WorkloadHome open(
            Path home, Optional<Sensitive<String>> token, JournalSettings journal, Clock clock) {
        Lifecycle parts = new Lifecycle();
        boolean opened = false;
        try {
            HomeDirectory directory = parts.own(HomeDirectory.open(home));
            WorkloadHome made = new WorkloadHome(directory, token, journal, clock, parts);
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

    private Membership kept() {
        byte[] sealed = home.read(IDENTITY_FILE).orElseThrow();
        return Membership.parse(trust.open(sealed, place()));
    }

    private Membership join(Sensitive<String> token) {
        JoinToken parsed;
        try {
            parsed = JoinToken.parse(token);
        } catch (IllegalArgumentException e) {
            throw new TrustRootException(String.valueOf(e.getMessage()), e);
        }
        Membership made = Joining.with(parsed);
        keep(made);
        return made;
    }

    private void keep(Membership made) {
        home.write(IDENTITY_FILE, trust.seal(made.json(), place()));
        home.write(TrustRoot.CA_FILE, made.rootPem());
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
        keep(renewed);
        membership = renewed;
    }

    /** What keys have spent here; durable. */
    public Spending.Store spending() {
        return spending;
    }

    public Journal journal() {
        return journal;
    }

    /** {@code gateway} or {@code node}. */
    public String role() {
        return membership.role();
    }

    /** Its name among those of its role. */
    public String name() {
        return membership.name();
    }

    public String trustDomain() {
        return membership.trustDomain();
    }

    /** Its own SPIFFE ID. */
    public WorkloadId id() {
        return new WorkloadId(trustDomain(), "/" + role() + "/" + name());
    }

    /** What it listens with; its callers' certificates chain to the root of the trust domain. */
    public TlsIdentity server() {
        return membership.server();
    }

    /** What it calls others with. */
    public TlsIdentity client() {
        return membership.client();
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

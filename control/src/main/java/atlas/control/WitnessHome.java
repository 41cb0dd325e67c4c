package atlas.control;

import atlas.control.trust.HomeDirectory;
import atlas.control.trust.HomeException;
import atlas.control.trust.HomeVault;
import atlas.control.trust.PieceException;
import atlas.control.trust.SealedPieces;
import atlas.core.Principal;
import atlas.core.WorkloadId;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import atlas.identity.CertificateAuthority;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import atlas.identity.IdentityException;
import atlas.identity.Pem;
import atlas.journal.JournalException;
import atlas.journal.witness.Ledger;
import atlas.journal.witness.Witness;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.TlsIdentity;
import atlas.tlog.Cosigner;
import atlas.tlog.Cosigner.Algorithm;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.vault.KekWatch;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import atlas.vault.VaultException;
import atlas.vault.VaultSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a witness keeps: its cosigning keys and its authority, sealed, and the ledger of what it
 * cosigned. Made at first start, opened ever after; nothing of any log's content ever comes here.
 * While its KEK is withheld nothing is cosigned.
 *
 * <p>Owns its parts and closes them in reverse order. Blocks on disk. Thread-safe once opened.
 */
public final class WitnessHome implements AutoCloseable {
    /** The verifier keys of this witness, one a line; written last at first start. */
    public static final String KEY_FILE = "witness.vkey";

    private static final Logger LOG = LoggerFactory.getLogger(WitnessHome.class);
    private static final String TRUST_DOMAIN = "witness.internal";
    private static final String CA_PIECE = "keys/ca.sealed";
    private static final String ED25519_PIECE = "keys/witness-ed25519.sealed";
    private static final String ML_DSA_PIECE = "keys/witness-ml-dsa-44.sealed";

    private final Lifecycle parts;
    private final WitnessConfig config;
    private final CertificateAuthority ca;
    private final Witness witness;
    private final List<X509Certificate> clients;

    private WitnessHome(
            HomeDirectory home,
            WitnessConfig config,
            VaultSettings kept,
            Clock clock,
            Lifecycle parts)
            throws IOException {
        this.parts = parts;
        this.config = config;
        String name =
                config.name()
                        .orElseThrow(() ->
                                new TrustRootException(
                                        "`witness.name` is missing; give the witness a name of its"
                                                + " own, such as `witness.example/w1`",
                                        null));
        boolean established = home.has(KEY_FILE);
        List<String> needed = established ? List.of("vault", "ledger") : List.of();
        KeyVault vault =
                parts.own(
                        new HomeVault(home, TrustRoot.KEK_FILE, clock)
                                .open(
                                        needed,
                                        kept,
                                        use ->
                                                LOG.atInfo()
                                                        .addKeyValue("act", use.act())
                                                        .addKeyValue("key", use.key())
                                                        .log("key used")));
        Sealer trust = vault.sealer(Purpose.TRUST_ROOT, Principal.DEFAULT_TENANT);
        SealedPieces pieces = new SealedPieces(home, trust, established);
        ca =
                pieces.opened(
                        CA_PIECE,
                        () -> CertificateAuthority.create(TRUST_DOMAIN, clock).export(trust),
                        sealed -> CertificateAuthority.open(sealed, trust, clock));
        Withheld<List<Cosigner>> cosigners =
                new Withheld<>(() ->
                        List.of(
                                cosigner(pieces, ED25519_PIECE, name, Algorithm.ED25519),
                                cosigner(pieces, ML_DSA_PIECE, name, Algorithm.ML_DSA_44)));
        clients = clients(config.clientCa());
        witness = Witness.open(cosigners, logs(config), Ledger.in(home.folder("ledger")), clock);
        vault.onForgotten(cosigners::forget);
        parts.own(KekWatch.over(vault, kept.checkInterval()));
        new Founding(home, TRUST_DOMAIN, ca.root()).writeRootCertificate();
        settle(home, established);
    }

    /** Opens the home of a witness with its vault kept as by default. */
    public static WitnessHome open(Path home, WitnessConfig config, Clock clock) {
        return open(home, config, VaultSettings.defaults(), clock);
    }

    /**
     * Opens the home of a witness, making it when it is new or its making was interrupted.
     *
     * @throws TrustRootException when it cannot be opened as it was, or the configuration does not
     *     fit it
     */
    public static WitnessHome open(
            Path home, WitnessConfig config, VaultSettings kept, Clock clock) {
        Lifecycle parts = new Lifecycle();
        boolean opened = false;
        try {
            HomeDirectory directory = parts.own(HomeDirectory.open(home));
            WitnessHome made = new WitnessHome(directory, config, kept, clock, parts);
            opened = true;
            return made;
        } catch (PieceException | HomeException | JournalException | IOException e) {
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

    private static Cosigner cosigner(
            SealedPieces pieces, String piece, String name, Algorithm algorithm) {
        try {
            Cosigner cosigner =
                    Cosigner.decode(
                            pieces.secret(
                                    piece, () -> Cosigner.generate(name, algorithm).encoded()));
            String kept = cosigner.verifierKey().name();
            if (!kept.equals(name)) {
                throw new TrustRootException(
                        "this witness is `"
                                + kept
                                + "`, not `"
                                + name
                                + "`; name it as it was, or start another one in a home of its"
                                + " own",
                        null);
            }
            return cosigner;
        } catch (IllegalArgumentException e) {
            throw new TrustRootException(String.valueOf(e.getMessage()), e);
        }
    }

    private static List<NoteVerifierKey> logs(WitnessConfig config) {
        List<NoteVerifierKey> keys = new ArrayList<>();
        for (String vkey : config.logs()) {
            try {
                keys.add(NoteVerifierKey.parse(vkey));
            } catch (MalformedException e) {
                throw new TrustRootException(
                        "`witness.logs` holds `" + vkey + "`: " + e.getMessage(), e);
            }
        }
        return keys;
    }

    private static List<X509Certificate> clients(Optional<Path> authorities) throws IOException {
        try {
            return authorities.isPresent()
                    ? Pem.certificates(Files.readString(authorities.get()))
                    : List.of();
        } catch (IdentityException e) {
            throw new IOException("`" + authorities.orElseThrow() + "`: " + e.getMessage(), e);
        }
    }

    private void settle(HomeDirectory home, boolean established) {
        StringBuilder keys = new StringBuilder();
        witness.verifierKeys().forEach(key -> keys.append(key).append('\n'));
        byte[] text = keys.toString().getBytes(StandardCharsets.UTF_8);
        if (!established) {
            home.write(KEY_FILE, text);
        } else if (!java.util.Arrays.equals(home.read(KEY_FILE).orElseThrow(), text)) {
            throw new PieceException(
                    "`"
                            + home.path(KEY_FILE)
                            + "` does not hold the keys of this witness; find out who changed it,"
                            + " and restore this home from where it was whole",
                    null);
        }
    }

    /** The witness itself. */
    Witness witness() {
        return witness;
    }

    /** How it is reached. */
    WitnessConfig config() {
        return config;
    }

    /** The keys others verify its cosignatures with, in C2SP text form. */
    public List<String> verifierKeys() {
        return witness.verifierKeys().stream().map(NoteVerifierKey::toString).toList();
    }

    /** A fresh identity to listen with; {@code clientCa} is what clients are judged by. */
    TlsIdentity server() {
        ServerNames at = ServerNames.with(config.serverNames());
        IssuedCertificate issued =
                ca.server(
                        new WorkloadId(TRUST_DOMAIN, "/witness"),
                        at.names(),
                        at.addresses(),
                        config.certificateLifetime());
        return new TlsIdentity(issued.key(), issued.chain(), clients, Map.of());
    }

    @Override
    public void close() {
        parts.close();
    }
}

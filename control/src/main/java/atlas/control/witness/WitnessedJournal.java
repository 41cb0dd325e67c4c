package atlas.control.witness;

import atlas.core.AuditEvent.AlertRaised;
import atlas.core.crypto.Hashes;
import atlas.identity.IdentityException;
import atlas.identity.Pem;
import atlas.journal.EmitterGap;
import atlas.journal.Journal;
import atlas.journal.JournalException;
import atlas.journal.JournalKeys;
import atlas.journal.JournalSettings;
import atlas.journal.WitnessSettings;
import atlas.journal.witness.Witnessing;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.EdgeException;
import atlas.runtime.http.TlsIdentity;
import atlas.tlog.MalformedException;
import atlas.tlog.WitnessPolicy;
import atlas.watch.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The journal of a home, opened, and compared with what its witnesses saw before anything is
 * written to it.
 *
 * @param witnessing empty where no policy is configured
 */
public record WitnessedJournal(Journal journal, Optional<Witnessing> witnessing) {

    /**
     * Opens both; {@code parts} owns them.
     *
     * @param caller who we are to a witness that asks for a certificate
     * @throws JournalException when the journal does not open, a witness has proof against it, or
     *     the policy cannot be read or met
     */
    public static WitnessedJournal open(
            Path directory,
            JournalSettings journalSettings,
            JournalKeys keys,
            Supplier<TlsIdentity> caller,
            Clock clock,
            Lifecycle parts) {
        WitnessSettings settings = journalSettings.witnesses();
        Optional<WitnessPolicy> policy = settings.policy().map(WitnessedJournal::policy);
        Journal journal = parts.own(journalSettings.open(directory, keys, clock));
        if (policy.isEmpty()) {
            return new WitnessedJournal(journal, Optional.empty());
        }
        List<X509Certificate> anchors = anchors(settings.ca());
        Witnessing witnessing =
                Witnessing.open(
                        journal,
                        keys.vkey(),
                        policy.get(),
                        settings,
                        url -> parts.own(door(url, caller, anchors, settings)));
        return new WitnessedJournal(journal, Optional.of(parts.own(witnessing)));
    }

    private static WitnessPolicy policy(Path file) {
        try {
            return WitnessPolicy.parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new JournalException(
                    "the witness policy `" + file + "` cannot be read: " + e.getMessage(), e);
        } catch (MalformedException e) {
            throw new JournalException("`" + file + "`, " + e.getMessage(), e);
        }
    }

    private static HttpsWitness door(
            String url,
            Supplier<TlsIdentity> caller,
            List<X509Certificate> anchors,
            WitnessSettings settings) {
        try {
            return HttpsWitness.at(url, caller, anchors, settings.timeout());
        } catch (IllegalArgumentException | EdgeException e) {
            throw new JournalException("the witness policy: " + e.getMessage(), e);
        }
    }

    private static List<X509Certificate> anchors(Optional<Path> file) {
        try {
            return file.isPresent()
                    ? Pem.certificates(Files.readString(file.get()))
                    : publicAnchors();
        } catch (IOException | IdentityException e) {
            throw new JournalException(
                    "the witnesses' authorities in `"
                            + file.map(Path::toString).orElse("")
                            + "` cannot be read: "
                            + e.getMessage(),
                    e);
        }
    }

    private static List<X509Certificate> publicAnchors() {
        List<X509Certificate> anchors = new ArrayList<>();
        try {
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            @Nullable KeyStore runtime = null;
            factory.init(runtime);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    anchors.addAll(List.of(x509.getAcceptedIssuers()));
                }
            }
        } catch (GeneralSecurityException e) {
            throw new JournalException("the public authorities of the Java runtime", e);
        }
        return anchors;
    }

    /** Begins to collect cosignatures; {@code told} hears every alarm, the journal's own too. */
    public void begin(Consumer<AlertRaised> told) {
        journal.onGap(gap -> told.accept(alarm(gap)));
        witnessing.ifPresent(these -> these.start(told));
    }

    /** The same gap gives the same alarm, however often the journal is opened over it. */
    private static AlertRaised alarm(EmitterGap gap) {
        return new AlertRaised(
                "alr_" + Hashes.sha256("journal.gap|" + gap.text()).hex().substring(0, 20),
                "journal.gap",
                "high",
                "atlas:journal",
                gap.text(),
                List.of(gap.index()));
    }

    /** Shows how the journal stands, with its witnesses too, to whoever scrapes. */
    public void measure(Metrics metrics) {
        metrics.gauge(
                "atlas_journal_gaps",
                "Gaps in the numbers of emitters, found since the start",
                () -> journal.health().gaps());
        witnessing.ifPresent(these -> measure(these, metrics));
    }

    private static void measure(Witnessing these, Metrics metrics) {
        metrics.gauge(
                "atlas_journal_witnessed_entries",
                "Entries under a checkpoint that enough witnesses cosigned",
                () -> these.status().witnessed());
        metrics.gauge(
                "atlas_journal_unwitnessed_entries",
                "Entries that are not",
                () -> these.status().unwitnessed());
        metrics.gauge(
                "atlas_journal_unwitnessed_seconds",
                "How long the oldest of these has waited",
                () -> these.status().waited().toMillis() / 1000.0);
        metrics.gauge(
                "atlas_journal_witness_quorum",
                "1 when enough witnesses cosigned in the last round",
                () -> these.status().quorum() ? 1 : 0);
    }
}

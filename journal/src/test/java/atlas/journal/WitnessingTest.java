package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditEvent.AlertRaised;
import atlas.core.AuditUnavailableException;
import atlas.journal.WitnessSettings.WhenUnwitnessed;
import atlas.journal.witness.MemoryLedger;
import atlas.journal.witness.Witness;
import atlas.journal.witness.WitnessDoor;
import atlas.journal.witness.Witnessing;
import atlas.tlog.Cosigner;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.WitnessPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class WitnessingTest {
    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir private Path folder;
    private final List<StandIn> witnesses = new ArrayList<>();
    private final List<AlertRaised> alerts = new CopyOnWriteArrayList<>();

    /** A witness, and what may be wrong with it or with the way to it. */
    private static final class StandIn implements WitnessDoor {
        final Cosigner key;
        final Witness witness;
        volatile boolean down;
        volatile boolean claims;
        volatile boolean forges;
        volatile Duration pause = Duration.ZERO;
        volatile CountDownLatch held = new CountDownLatch(0);

        StandIn(String name, NoteVerifierKey log) {
            key = Cosigner.generate(name, Cosigner.Algorithm.ED25519);
            witness = Witness.open(List.of(key), List.of(log), new MemoryLedger(), CLOCK);
        }

        @Override
        public Reply add(byte[] body) throws IOException {
            reach();
            if (claims) {
                return new Reply(
                        409, "text/x.tlog.size", "999999\n".getBytes(StandardCharsets.UTF_8));
            }
            Reply reply = witness.answer(body);
            if (!forges || reply.status() != 200) {
                return reply;
            }
            byte[] lines = reply.body().clone();
            int at = lines.length - 12;
            lines[at] = (byte) (lines[at] == 'A' ? 'B' : 'A');
            return new Reply(200, reply.mediaType(), lines);
        }

        @Override
        public Reply latest(String originHash) throws IOException {
            reach();
            return witness.latest(originHash)
                    .map(note -> new Reply(200, "text/plain", note))
                    .orElseGet(() -> new Reply(404, "text/plain", new byte[0]));
        }

        private void reach() throws IOException {
            try {
                LockSupport.parkNanos(pause.toNanos());
                if (!held.await(20, TimeUnit.SECONDS) || down) {
                    throw new IOException("connection refused");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    private Journal journal(Path home) throws IOException {
        Files.createDirectories(home);
        return Journal.open(config(home), Journals.keys(home), CLOCK);
    }

    private static JournalConfig config(Path home) {
        JournalConfig usual = Journals.config(home);
        return new JournalConfig(
                usual.directory(),
                usual.origin(),
                usual.mode(),
                usual.interval(),
                Duration.ofMillis(50),
                usual.checkpointEvery(),
                usual.deadline(),
                0,
                usual.maxPending());
    }

    private WitnessPolicy policy(Path home, String quorum) throws Exception {
        NoteVerifierKey log = NoteVerifierKey.parse(Journals.keys(home).vkey());
        StringBuilder text = new StringBuilder("log " + log + "\n");
        for (int i = 1; i <= 3; i++) {
            if (witnesses.size() < 3) {
                witnesses.add(new StandIn("witness.example/w" + i, log));
            }
            text.append("witness W" + i + " " + witnesses.get(i - 1).key.verifierKey());
            text.append(" https://w" + i + ".example/\n");
        }
        text.append("group G " + quorum + " W1 W2 W3\nquorum G\n");
        return WitnessPolicy.parse(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private Witnessing witnessing(Journal journal, Path home, WitnessSettings settings)
            throws Exception {
        return Witnessing.open(
                journal,
                Journals.keys(home).vkey(),
                policy(home, "2"),
                settings,
                url -> witnesses.get(url.charAt("https://w".length()) - '1'));
    }

    private static WitnessSettings settings(Duration max, WhenUnwitnessed then) {
        return new WitnessSettings(
                Optional.empty(), Optional.empty(), Duration.ofSeconds(10), max, 1_000_000, then);
    }

    private static final WitnessSettings PATIENT =
            settings(Duration.ofHours(1), WhenUnwitnessed.ALARM);

    private static void until(String what, Witnessing hurried, BooleanSupplier holds) {
        long end = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (!holds.getAsBoolean()) {
            hurried.hurry();
            assertThat(System.nanoTime() < end).as("%s; seen %s", what, hurried.status()).isTrue();
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static boolean allWitnessed(Journal journal) {
        return journal.witnessed().map(Checkpoint::size).orElse(0L) == journal.size();
    }

    @Test
    void collectsAQuorumAndKeepsIt() throws Exception {
        Path home = folder.resolve("home");
        try (Journal journal = journal(home);
                Witnessing witnessing = witnessing(journal, home, PATIENT)) {
            witnesses.get(1).down = true;
            witnessing.start(alerts::add);
            for (int round = 0; round < 3; round++) {
                Journals.fill(journal, 10);
                until("witnessed", witnessing, () -> allWitnessed(journal));
            }
            Checkpoint kept = journal.witnessed().orElseThrow();

            WitnessPolicy.Standing standing =
                    policy(home, "2")
                            .judge(kept.note().getBytes(StandardCharsets.UTF_8), Optional.empty());
            assertThat(standing.quorum()).isTrue();
            assertThat(standing.witnesses())
                    .extracting(WitnessPolicy.Witness::name)
                    .containsExactly("W1", "W3");
            assertThat(Files.readString(journal.directory().resolve("witnessed")))
                    .isEqualTo(kept.note());
            assertThat(alerts).isEmpty();
            assertThat(witnessing.status().quorum()).isTrue();
            assertThat(witnessing.status().seen().get(1).trouble()).contains("refused");
        }
    }

    @Test
    void servesOnWithoutAQuorumForAWhileAndThenRefusesUntilThereIsOne() throws Exception {
        Path home = folder.resolve("home");
        WitnessSettings strict = settings(Duration.ofSeconds(2), WhenUnwitnessed.REFUSE);
        try (Journal journal = journal(home);
                Witnessing witnessing = witnessing(journal, home, strict)) {
            witnesses.get(0).down = true;
            witnesses.get(2).down = true;
            witnessing.start(alert -> {
                journal.append(alert);
                alerts.add(alert);
            });
            Journals.fill(journal, 3);

            until(
                    "suspended",
                    witnessing,
                    () -> journal.health().state() == JournalHealth.State.SUSPENDED);
            assertThatThrownBy(() -> journal.append(Facts.act(1)))
                    .isInstanceOf(AuditUnavailableException.class)
                    .hasMessageContaining("recording is suspended")
                    .hasMessageContaining("connection refused");
            assertThat(alerts)
                    .extracting(AlertRaised::rule)
                    .contains("witness.quorum-missing", "witness.limit-exceeded")
                    .doesNotHaveDuplicates();
            assertThat(journal.search(JournalQuery.newest(10)))
                    .anyMatch(entry -> entry.json().contains("witness.limit-exceeded"));

            witnesses.get(0).down = false;
            until("open again", witnessing, () -> journal.health().accepting());
            Journals.fill(journal, 1);
        }
    }

    @Test
    void goesOnWithoutAQuorumWhereOnlyAnAlarmIsAskedFor() throws Exception {
        Path home = folder.resolve("home");
        WitnessSettings mild = settings(Duration.ofMillis(200), WhenUnwitnessed.ALARM);
        try (Journal journal = journal(home);
                Witnessing witnessing = witnessing(journal, home, mild)) {
            witnesses.forEach(witness -> witness.down = true);
            witnessing.start(alerts::add);
            Journals.fill(journal, 3);

            until(
                    "alarmed",
                    witnessing,
                    () -> alerts.stream().anyMatch(a -> a.rule().equals("witness.limit-exceeded")));
            Journals.fill(journal, 3);
            assertThat(journal.health().accepting()).isTrue();
            assertThat(journal.witnessed()).isEmpty();
        }
    }

    @Test
    void isNotHeldUpByASlowWitness() throws Exception {
        Path home = folder.resolve("home");
        try (Journal journal = journal(home);
                Witnessing witnessing = witnessing(journal, home, PATIENT)) {
            CountDownLatch never = new CountDownLatch(1);
            witnesses.get(0).held = never;
            witnessing.start(alerts::add);
            Journals.fill(journal, 5);
            until("witnessed", witnessing, () -> allWitnessed(journal));
            Journals.fill(journal, 5);
            until("witnessed again", witnessing, () -> allWitnessed(journal));
            assertThat(never.getCount()).isEqualTo(1);
            never.countDown();
            assertThat(alerts).isEmpty();
        }
    }

    @Test
    void doesNotBelieveAWitnessThatOnlySaysSo() throws Exception {
        Path home = folder.resolve("home");
        try (Journal journal = journal(home);
                Witnessing witnessing = witnessing(journal, home, PATIENT)) {
            witnesses.get(0).claims = true;
            witnessing.start(alerts::add);
            Journals.fill(journal, 5);
            until("witnessed", witnessing, () -> allWitnessed(journal));
            until("alarmed", witnessing, () -> !alerts.isEmpty());

            assertThat(alerts).extracting(AlertRaised::rule).containsOnly("witness.misbehaves");
            assertThat(alerts.getFirst().explanation()).contains("999999");
            assertThat(journal.health().accepting()).isTrue();
        }
    }

    @Test
    void doesNotCountASignatureThatIsNone() throws Exception {
        Path home = folder.resolve("home");
        try (Journal journal = journal(home);
                Witnessing witnessing = witnessing(journal, home, PATIENT)) {
            witnesses.get(0).forges = true;
            witnesses.get(1).down = true;
            witnessing.start(alerts::add);
            Journals.fill(journal, 5);
            until("alarmed", witnessing, () -> !alerts.isEmpty());
            assertThat(alerts).extracting(AlertRaised::rule).containsOnly("witness.misbehaves");
            assertThat(journal.witnessed()).isEmpty();

            witnesses.get(0).forges = false;
            until("witnessed", witnessing, () -> allWitnessed(journal));
        }
    }

    @Test
    void refusesToOpenAHomeThatWasRolledBack() throws Exception {
        Path home = folder.resolve("home");
        Path old = folder.resolve("old");
        try (Journal journal = journal(home)) {
            Journals.fill(journal, 5);
        }
        copy(home, old);
        witnessed(home, 5);

        // All of the home is old: nothing in it tells. The slowest is the only one that could.
        witnesses.get(0).down = true;
        witnesses.get(1).down = true;
        witnesses.get(2).pause = Duration.ofSeconds(1);
        try (Journal journal = journal(old)) {
            assertThatThrownBy(() -> witnessing(journal, old, PATIENT))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("refusing to start")
                    .hasMessageContaining("it has 5 entries")
                    .hasMessageContaining("cosigned 10 entries");
            assertThat(journal.size()).isEqualTo(5);
        }
        try (var kept = Files.list(old.resolve("journal.contradicted/evidence"))) {
            assertThat(kept).hasSize(1);
        }
    }

    private void witnessed(Path home, int more) throws Exception {
        try (Journal journal = journal(home);
                Witnessing witnessing = witnessing(journal, home, PATIENT)) {
            witnessing.start(alerts::add);
            Journals.fill(journal, more);
            until("witnessed", witnessing, () -> allWitnessed(journal));
        }
    }

    @Test
    void refusesToOpenAHomeThatWasForked() throws Exception {
        Path home = folder.resolve("home");
        Path copy = folder.resolve("copy");
        try (Journal journal = journal(home)) {
            Journals.fill(journal, 5);
        }
        copy(home, copy);
        witnessed(home, 5);
        try (Journal journal = journal(copy)) {
            Journals.fill(journal, 50);
        }

        try (Journal journal = journal(copy)) {
            assertThatThrownBy(() -> witnessing(journal, copy, PATIENT))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("was forked: its own first 10 differ");
        }
    }

    @Test
    void stopsACopyThatGoesOnBesideItsOriginal() throws Exception {
        Path home = folder.resolve("home");
        Path copy = folder.resolve("copy");
        try (Journal journal = journal(home)) {
            Journals.fill(journal, 5);
        }
        copy(home, copy);
        try (Journal first = journal(home);
                Journal second = journal(copy);
                Witnessing ofFirst = witnessing(first, home, PATIENT);
                Witnessing ofSecond = witnessing(second, copy, PATIENT)) {
            ofFirst.start(_ -> {});
            Journals.fill(first, 5);
            until("witnessed", ofFirst, () -> allWitnessed(first));
            Journals.fill(second, 9);
            assertThat(second.checkpointNow().size()).isGreaterThan(first.size());
            ofSecond.start(alert -> {
                second.append(alert);
                alerts.add(alert);
            });

            until("stopped", ofSecond, () -> !second.health().accepting());
            assertThat(alerts).extracting(AlertRaised::rule).containsExactly("witness.split-view");
            assertThatThrownBy(() -> second.append(Facts.act(1)))
                    .isInstanceOf(AuditUnavailableException.class)
                    .hasMessageContaining("stop the other one");
            assertThat(second.search(JournalQuery.newest(1)).getFirst().json())
                    .contains("witness.split-view");
            assertThat(first.health().accepting()).isTrue();
        }
    }

    @Test
    void refusesAPolicyThatThisLogCanNeverMeet() throws Exception {
        Path home = folder.resolve("home");
        try (Journal journal = journal(home)) {
            WitnessPolicy policy = policy(home, "2");
            NoteVerifierKey log = NoteVerifierKey.parse(Journals.keys(home).vkey());
            String without =
                    "witness W1 " + witnesses.getFirst().key.verifierKey() + "\nquorum W1\n";
            String other =
                    "log "
                            + Cosigner.generate("log.example/x", Cosigner.Algorithm.ED25519)
                                    .verifierKey()
                            + "\nquorum none\n";
            assertThat(policy.logs().getFirst().key()).isEqualTo(log);
            for (String text : List.of(without, other)) {
                WitnessPolicy unmeetable =
                        WitnessPolicy.parse(text.getBytes(StandardCharsets.UTF_8));
                assertThatThrownBy(() ->
                                Witnessing.open(
                                        journal,
                                        log.toString(),
                                        unmeetable,
                                        PATIENT,
                                        _ -> witnesses.getFirst()))
                        .isInstanceOf(JournalException.class)
                        .hasMessageContaining("the witness policy");
            }
        }
    }

    @Test
    void refusesToOpenADirectoryOlderThanWhatWitnessesCosigned() throws Exception {
        Path home = folder.resolve("home");
        witnessed(home, 5);
        Path old = folder.resolve("old");
        copy(home, old);
        witnessed(home, 5);

        Files.write(
                old.resolve("journal/witnessed"),
                Files.readAllBytes(home.resolve("journal/witnessed")));
        assertThatThrownBy(() -> journal(old))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("was rolled back")
                .hasMessageContaining("witnesses cosigned 10");
    }

    private static Verification verify(Path directory, WitnessPolicy policy) {
        return JournalVerifier.verify(directory, Optional.empty(), Optional.of(policy), 1);
    }

    @Test
    void theVerifierDemandsTheQuorumOfThePolicy() throws Exception {
        Path home = folder.resolve("home");
        try (Journal journal = journal(home);
                Witnessing witnessing = witnessing(journal, home, PATIENT)) {
            witnesses.get(2).down = true;
            witnessing.start(alerts::add);
            Journals.fill(journal, 300);
            until("witnessed", witnessing, () -> allWitnessed(journal));
        }
        WitnessPolicy two = policy(home, "2");
        Path directory = home.resolve("journal");
        Path note = directory.resolve("witnessed");
        String cosigned = Files.readString(note);

        assertThat(verify(directory, two))
                .isInstanceOfSatisfying(
                        Verification.Holds.class,
                        holds ->
                                assertThat(holds.notes())
                                        .contains(
                                                "the first 300 entries are witnessed by `W1`,"
                                                        + " `W2`"));
        assertThat(JournalVerifier.verify(directory, Optional.empty()))
                .isInstanceOf(Verification.Holds.class);
        assertThat(verify(directory, policy(home, "3")))
                .isEqualTo(
                        new Verification.Broken(
                                -1, "too few witnesses cosigned: `W1`, `W2` alone", "witnessed"));

        int at = cosigned.length() - 20;
        char flipped = cosigned.charAt(at) == 'A' ? 'B' : 'A';
        Files.writeString(note, cosigned.substring(0, at) + flipped + cosigned.substring(at + 1));
        assertThat(verify(directory, two)).isInstanceOf(Verification.Broken.class);
        Files.writeString(note, cosigned.replace("\n300\n", "\n299\n"));
        assertThat(JournalVerifier.verify(directory, Optional.empty()))
                .isInstanceOf(Verification.Broken.class);
        Files.delete(note);
        assertThat(verify(directory, two))
                .isEqualTo(
                        new Verification.Broken(
                                -1, "no checkpoint was cosigned by witnesses", "witnessed"));
    }

    @Test
    void theVerifierSeesADirectoryOlderThanItsWitnessesSaw() throws Exception {
        Path home = folder.resolve("home");
        Path old = folder.resolve("old");
        witnessed(home, 5);
        copy(home, old);
        witnessed(home, 5);
        Files.write(
                old.resolve("journal/witnessed"),
                Files.readAllBytes(home.resolve("journal/witnessed")));

        assertThat(verify(old.resolve("journal"), policy(home, "2")))
                .isEqualTo(
                        new Verification.Broken(
                                5,
                                "rolled back: witnesses cosigned 10 entries, the checkpoint has 5",
                                "witnessed"));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}

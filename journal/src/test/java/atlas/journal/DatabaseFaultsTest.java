package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditLog.Receipt;
import atlas.core.AuditUnavailableException;
import atlas.core.Digest;
import atlas.journal.shared.SharedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shared log while its real database is stopped, killed, succeeded, or loses what it had. */
class DatabaseFaultsTest {
    private static final Duration DEADLINE = Duration.ofMillis(400);

    @TempDir Path home;

    private interface Fault {
        void run() throws Exception;
    }

    private SharedLog log(TestPostgres postgres, String database, List<String> hosts) {
        return new SharedLog(
                Optional.empty(),
                postgres.database(database, "control", hosts),
                Optional.of(home.resolve("store")),
                Optional.empty());
    }

    private Journal join(SharedLog log, String member) {
        JournalConfig usual = SharedRig.config(home.resolve(member));
        JournalConfig impatient =
                new JournalConfig(
                        usual.directory(),
                        usual.origin(),
                        usual.mode(),
                        usual.interval(),
                        usual.checkpointInterval(),
                        usual.checkpointEvery(),
                        DEADLINE,
                        0,
                        8192);
        return Journal.join(impatient, Journals.keys(home), log, Clock.systemUTC());
    }

    /** Records from several threads until told to stop; remembers what was acknowledged. */
    private static final class Load implements AutoCloseable {
        private final Map<Long, Digest> acknowledged = new ConcurrentHashMap<>();
        private final AtomicLong refused = new AtomicLong();
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean stopped;

        Load(Journal journal) {
            for (int w = 0; w < 8; w++) {
                threads.add(Thread.startVirtualThread(() -> write(journal)));
            }
        }

        private void write(Journal journal) {
            for (int i = 0; !stopped; i++) {
                try {
                    Receipt receipt = journal.append(Facts.act(i));
                    acknowledged.put(receipt.index(), receipt.leafHash());
                } catch (AuditUnavailableException e) {
                    refused.incrementAndGet();
                    Thread.yield();
                }
            }
        }

        void awaitAcknowledged(int more) {
            long target = acknowledged.size() + more;
            Waiting.until(
                    () -> acknowledged.size() >= target,
                    () -> acknowledged.size() + " acknowledged, " + refused + " refused");
        }

        void awaitRefusals() {
            long before = refused.get();
            Waiting.until(
                    () -> refused.get() > before + 100,
                    () -> acknowledged.size() + " acknowledged, " + refused + " refused");
        }

        @Override
        public void close() {
            stopped = true;
            for (Thread thread : threads) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private void healsAfter(TestPostgres postgres, Fault away, Fault back) throws Exception {
        String database = postgres.newDatabase();
        SharedLog log = log(postgres, database, List.of("localhost:" + postgres.port()));
        Map<Long, Digest> acknowledged;
        try (Journal journal = join(log, "one")) {
            try (Load load = new Load(journal)) {
                load.awaitAcknowledged(200);
                // What is read while nothing can be published must have been before.
                journal.checkpointNow();
                away.run();
                load.awaitRefusals();
                assertThat(journal.health().state()).isEqualTo(JournalHealth.State.SLOW);
                assertThat(journal.health().detail()).contains("database");
                assertThat(journal.entry(0)).as("reading goes on").isPresent();
                back.run();
                load.awaitAcknowledged(200);
                acknowledged = load.acknowledged;
            }
            Waiting.until(
                    () -> journal.health().checkpointed() == journal.size(),
                    () -> String.valueOf(journal.health()));
            expectAll(journal, acknowledged);
        }
        assertThat(JournalVerifier.verify(home.resolve("store"), Optional.empty()))
                .isInstanceOf(Verification.Holds.class);
    }

    private static void expectAll(Journal journal, Map<Long, Digest> acknowledged) {
        acknowledged.forEach((index, leaf) ->
                assertThat(journal.entry(index).map(JournalEntry::leafHash))
                        .as("entry " + index)
                        .contains(leaf));
    }

    @Test
    void refusesWhileTheDatabaseIsStoppedAndHealsWhenItIsBack() throws Exception {
        try (TestPostgres postgres = new TestPostgres(home.resolve("pg"))) {
            healsAfter(postgres, postgres::stop, postgres::startAgain);
        }
    }

    @Test
    void losesNothingWhenEveryProcessOfTheDatabaseIsKilled() throws Exception {
        try (TestPostgres postgres = new TestPostgres(home.resolve("pg"))) {
            healsAfter(postgres, postgres::crash, postgres::startAgain);
        }
    }

    @Test
    void goesOnWithTheStandbyThatHasEverythingAcknowledged() throws Exception {
        TestPostgres primary = new TestPostgres(home.resolve("pg"));
        String database = primary.newDatabase();
        try (TestPostgres standby = primary.standby(home.resolve("standby"))) {
            primary.run(
                    "postgres",
                    "ALTER SYSTEM SET synchronous_standby_names = '*'",
                    "SELECT pg_reload_conf()");
            List<String> both =
                    List.of("localhost:" + primary.port(), "localhost:" + standby.port());
            Map<Long, Digest> acknowledged;
            try (Journal journal = join(log(primary, database, both), "one")) {
                try (Load load = new Load(journal)) {
                    load.awaitAcknowledged(200);
                    primary.crash();
                    load.awaitRefusals();
                    standby.promote();
                    load.awaitAcknowledged(200);
                    acknowledged = load.acknowledged;
                }
                Waiting.until(
                        () -> journal.health().checkpointed() == journal.size(),
                        () -> String.valueOf(journal.health()));
                expectAll(journal, acknowledged);
            }
        }
        assertThat(JournalVerifier.verify(home.resolve("store"), Optional.empty()))
                .isInstanceOf(Verification.Holds.class);
    }

    @Test
    void recordsNothingMoreWhenTheStandbyLacksWhatWasAcknowledged() throws Exception {
        TestPostgres primary = new TestPostgres(home.resolve("pg"));
        String database = primary.newDatabase();
        // Asynchronous, and it stops following before anything is recorded.
        try (TestPostgres standby = primary.standby(home.resolve("standby"))) {
            List<String> both =
                    List.of("localhost:" + primary.port(), "localhost:" + standby.port());
            Journal journal = join(log(primary, database, both), "one");
            try {
                record(journal, 20);
                standby.run("postgres", "SELECT pg_wal_replay_pause()");
                standby.run("postgres", "ALTER SYSTEM SET primary_conninfo = ''");
                standby.run("postgres", "SELECT pg_reload_conf()", "SELECT pg_wal_replay_resume()");
                Waiting.until(() -> standby.receivers() == 0, () -> "the standby still follows");
                record(journal, 20);
                Waiting.until(
                        () -> journal.health().checkpointed() == journal.size(),
                        () -> String.valueOf(journal.health()));
                primary.crash();
                standby.promote();
                Waiting.until(
                        () ->
                                refused(journal)
                                        && journal.health().state() == JournalHealth.State.FAILED,
                        () -> String.valueOf(journal.health()));
                // By whoever asks first: who records, or who integrates.
                assertThat(journal.health().detail())
                        .containsAnyOf("the database has lost", "the database was put back");
            } finally {
                journal.close();
            }
            // Whoever comes later is told, too: more was signed than is there.
            try (Journal next = join(log(primary, database, both), "two")) {
                Waiting.until(
                        () -> next.health().state() == JournalHealth.State.FAILED,
                        () -> String.valueOf(next.health()));
            }
        }
    }

    /** Records so many, each again until it is acknowledged. */
    private static void record(Journal journal, int count) {
        for (int i = 0; i < count; i++) {
            Waiting.until(() -> !refused(journal), () -> String.valueOf(journal.health()));
        }
    }

    private static boolean refused(Journal journal) {
        try {
            journal.append(Facts.act(1));
            return false;
        } catch (AuditUnavailableException e) {
            return true;
        }
    }

    @Test
    void refusesToStartWithoutItsDatabase() throws Exception {
        try (TestPostgres postgres = new TestPostgres(home.resolve("pg"))) {
            String database = postgres.newDatabase();
            SharedLog log = log(postgres, database, List.of("localhost:" + postgres.port()));
            postgres.stop();
            assertThatThrownBy(() -> join(log, "one"))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("database");
            postgres.startAgain();
            try (Journal journal = join(log, "one")) {
                Waiting.until(() -> !refused(journal), () -> String.valueOf(journal.health()));
            }
        }
    }

    @Test
    void refusesBigEntriesAloneWhileTheStoreIsAway() throws IOException {
        try (TestBucket bucket = new TestBucket()) {
            SharedRig rig =
                    new SharedRig(
                            Files.createDirectories(home.resolve("rig")),
                            TestPostgres.shared(),
                            Optional.of(bucket));
            try (Journal journal = rig.open(home.resolve("one"))) {
                journal.append(Facts.act(1));
                bucket.away = true;
                assertThatThrownBy(() -> journal.append(Facts.act("alice", "req_1", 1_000_000)))
                        .isInstanceOf(AuditUnavailableException.class)
                        .hasMessageContaining("payload");
                assertThat(journal.append(Facts.act(2)).index()).isEqualTo(1);
                bucket.away = false;
                assertThat(journal.append(Facts.act("alice", "req_2", 1_000_000)).index())
                        .isEqualTo(2);
                assertThat(journal.checkpointNow().size()).isEqualTo(3);
            }
        }
    }
}

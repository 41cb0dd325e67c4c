package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A superuser who edits what nobody has signed yet: not prevented, found out. */
class HostileDatabaseTest {
    private static final String HASHES_AGAIN =
            """
            DO $$
            DECLARE
                b record;
                last bytea := decode(repeat('00', 32), 'hex');
                at bigint := 0;
                place bigint := 0;
            BEGIN
                FOR b IN SELECT * FROM atlas_journal.batch ORDER BY number LOOP
                    UPDATE atlas_journal.batch SET number = at, first_index = place,
                        previous = last,
                        hash = sha256(int8send(at) || int8send(place) || int4send(b.count)
                            || b.emitter || int8send(b.sequence) || last || sha256(b.entries))
                        WHERE number = b.number RETURNING hash INTO last;
                    at := at + 1;
                    place := place + b.count;
                END LOOP;
            END $$
            """;

    @TempDir Path home;

    private SharedRig rig;

    @BeforeEach
    void setUp() {
        rig = SharedRig.overFolder(home);
        rig.open(home.resolve("control")).close();
    }

    @AfterEach
    void tearDown() {
        rig.close();
    }

    private void edit(String... commands) {
        TestPostgres.shared()
                .run(rig.database(), "ALTER TABLE atlas_journal.batch DISABLE TRIGGER ALL");
        TestPostgres.shared().run(rig.database(), commands);
        TestPostgres.shared()
                .run(rig.database(), "ALTER TABLE atlas_journal.batch ENABLE TRIGGER ALL");
    }

    /** Ten batches of one entry each by a gateway that has ended. */
    private void tenBatches() {
        try (Journal gateway = rig.gateway(home.resolve("gateway"), (byte) 1)) {
            for (int i = 0; i < 10; i++) {
                assertThat(gateway.append(Facts.act(i)).index()).isEqualTo(i);
            }
        }
    }

    private void expectRefused(String what) {
        try (Journal control = rig.open(home.resolve("control"))) {
            Waiting.until(
                    () -> control.health().state() == JournalHealth.State.FAILED,
                    () -> String.valueOf(control.health()));
            assertThat(control.health().detail()).contains(what);
            assertThat(control.health().checkpointed()).isZero();
        }
    }

    private Verification.Broken broken() {
        try (Journal control = rig.open(home.resolve("control"))) {
            Waiting.until(
                    () -> control.health().checkpointed() > 0,
                    () -> String.valueOf(control.health()));
        }
        Verification verification = JournalVerifier.verify(rig.log(), Optional.empty());
        assertThat(verification).isInstanceOf(Verification.Broken.class);
        return (Verification.Broken) verification;
    }

    @Test
    void refusesABatchWhoseEntriesWereAltered() {
        tenBatches();
        edit(
                "UPDATE atlas_journal.batch SET entries = set_byte(entries, 90, 1"
                        + " + get_byte(entries, 90) % 200) WHERE number = 4");
        expectRefused("batch 4 (entry 4) in the database is not the batch that was recorded");
    }

    @Test
    void refusesABatchThatWasGivenAnotherEmittersName() {
        tenBatches();
        edit(
                "UPDATE atlas_journal.batch SET emitter = decode(repeat('ab', 16), 'hex')"
                        + " WHERE number = 6");
        expectRefused("batch 6 (entry 6)");
    }

    @Test
    void refusesWhenABatchWasRemoved() {
        tenBatches();
        edit("DELETE FROM atlas_journal.batch WHERE number = 3");
        expectRefused("does not follow entry 2");
    }

    @Test
    void refusesWhenTwoBatchesWereExchanged() {
        tenBatches();
        edit(
                "UPDATE atlas_journal.batch SET number = 100 WHERE number = 2",
                "UPDATE atlas_journal.batch SET number = 2 WHERE number = 3",
                "UPDATE atlas_journal.batch SET number = 3 WHERE number = 100");
        expectRefused("batch 2");
    }

    @Test
    void theVerifierNamesTheEntryAfterOneRemovedWithEveryHashMadeAnew() {
        tenBatches();
        edit("DELETE FROM atlas_journal.batch WHERE number = 3", HASHES_AGAIN);
        Verification.Broken broken = broken();
        assertThat(broken.index()).isEqualTo(3);
        assertThat(broken.what()).contains("went from number 2 to 4");
    }

    @Test
    void theVerifierNamesTheEntryAfterOneAlteredWithEveryHashMadeAnew() {
        tenBatches();
        edit(
                "UPDATE atlas_journal.batch SET entries = set_byte(entries, 150, 1"
                        + " + get_byte(entries, 150) % 200) WHERE number = 4",
                HASHES_AGAIN);
        Verification.Broken broken = broken();
        assertThat(broken.index()).isEqualTo(5);
        assertThat(broken.what()).contains("does not name the one before");
    }

    @Test
    void whoRecordedAnEntryFindsOutThatItWasAlteredThoughNothingElseShowsIt() {
        try (Journal gateway = rig.gateway(home.resolve("gateway"), (byte) 1)) {
            for (int i = 0; i < 10; i++) {
                gateway.append(Facts.act(i));
            }
            // The last one: no later entry names it, and every hash is made anew.
            edit(
                    "UPDATE atlas_journal.batch SET entries = set_byte(entries, 150, 1"
                            + " + get_byte(entries, 150) % 200) WHERE number = 9",
                    HASHES_AGAIN);
            try (Journal control = rig.open(home.resolve("control"))) {
                Waiting.until(
                        () -> gateway.health().state() == JournalHealth.State.FAILED,
                        () -> gateway.health() + " and " + control.health());
            }
            assertThat(gateway.health().detail())
                    .contains("entry 9 of the log is not the entry that was recorded here");
        }
    }

    @Test
    void refusesADatabasePutBackToBeforeWhatWasSigned() {
        tenBatches();
        try (Journal control = rig.open(home.resolve("control"))) {
            assertThat(control.checkpointNow().size()).isEqualTo(10);
        }
        TestPostgres postgres = TestPostgres.shared();
        postgres.run(rig.database(), "ALTER TABLE atlas_journal.checkpoint DISABLE TRIGGER ALL");
        postgres.run(rig.database(), "DELETE FROM atlas_journal.checkpoint");
        edit("DELETE FROM atlas_journal.batch WHERE number > 4");
        try (Journal control = rig.open(home.resolve("control"))) {
            Waiting.until(
                    () -> control.health().state() == JournalHealth.State.FAILED,
                    () -> String.valueOf(control.health()));
            assertThat(control.health().detail()).contains("the database was put back");
        }
    }

    @Test
    void everyMemberFindsOutThatTheStoreWasPutBack() throws Exception {
        Path store = rig.log();
        byte[] old = java.nio.file.Files.readAllBytes(store.resolve("checkpoint"));
        try (Journal gateway = rig.gateway(home.resolve("gateway"), (byte) 1)) {
            try (Journal control = rig.open(home.resolve("control"))) {
                gateway.append(Facts.act(1));
                control.checkpointNow();
                Waiting.until(
                        () -> gateway.health().checkpointed() == 1,
                        () -> String.valueOf(gateway.health()));
            }
            java.nio.file.Files.write(store.resolve("checkpoint"), old);
            Waiting.until(
                    () -> gateway.health().state() == JournalHealth.State.FAILED,
                    () -> String.valueOf(gateway.health()));
            assertThat(gateway.health().detail()).contains("rolled back");
        }
    }
}

package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import atlas.core.AuditLog.Receipt;
import atlas.journal.witness.WitnessDoor;
import atlas.journal.witness.Witnessing;
import atlas.tlog.Cosigner;
import atlas.tlog.MalformedException;
import atlas.tlog.WitnessPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several members of one log: what each may, sees and trusts. */
class SharedJournalTest {
    @TempDir Path home;

    private SharedRig rig;

    @BeforeEach
    void setUp() {
        rig = SharedRig.overFolder(home);
    }

    @AfterEach
    void tearDown() {
        rig.close();
    }

    private Path member(String name) {
        return home.resolve(name);
    }

    private Verification verified() {
        return JournalVerifier.verify(rig.log(), Optional.of(Journals.keys(home).vkey()));
    }

    @Test
    void gatewaysAndControlPlaneRecordIntoOneLog() throws Exception {
        try (Journal control = rig.open(member("control"));
                Journal first = rig.gateway(member("first"), (byte) 1);
                Journal second = rig.gateway(member("second"), (byte) 2)) {
            for (int i = 0; i < 50; i++) {
                assertThat(first.append(Facts.act("alice", "req_a" + i, 10)).index())
                        .isEqualTo(3L * i);
                assertThat(second.append(Facts.act("bob", "req_b" + i, 10)).index())
                        .isEqualTo(3L * i + 1);
                assertThat(control.append(Facts.act("carol", "req_c" + i, 10)).index())
                        .isEqualTo(3L * i + 2);
            }
            assertThat(control.checkpointNow().size()).isEqualTo(150);
            // Each finds its own and reads of the others that they are there.
            assertThat(first.search(JournalQuery.request("req_a17"))).hasSize(1);
            assertThat(first.search(JournalQuery.request("req_b17"))).isEmpty();
            JournalEntry others = first.entry(1).orElseThrow();
            assertThat(others.kind()).isEqualTo("sealed");
            assertThat(others.json()).doesNotContain("bob");
            assertThat(others.leafHash()).isEqualTo(control.entry(1).orElseThrow().leafHash());
            String proof = second.prove(1);
            assertThat(ProofVerifier.verify(proof, Journals.keys(home).vkey(), others.leafHash()))
                    .isInstanceOf(ProofVerification.Holds.class);
        }
        assertThat(verified()).isInstanceOf(Verification.Holds.class);
        assertThat(IndependentVerifier.run(List.of(rig.log().toString())).lines())
                .first(STRING)
                .startsWith("holds: 150 entries");
    }

    @Test
    void whatWasErasedBeforeACheckpointCoveredItIsFoundAsErased() throws Exception {
        rig.open(member("control")).close();
        try (Journal gateway = rig.gateway(member("first"), (byte) 1)) {
            gateway.append(Facts.act("ada", "req_1", 10));
            gateway.append(Facts.act("bob", "req_2", 10));
            gateway.subjects()
                    .erase(new JournalSubjects.Order("default", "ada", "req_3", "sam", "asked"));
            try (Journal control = rig.open(member("control"))) {
                assertThat(control.checkpointNow().size()).isEqualTo(3);
                assertThat(gateway.search(JournalQuery.ofKind("erased", -1, 10))).hasSize(1);
                assertThat(gateway.search(JournalQuery.request("req_2"))).hasSize(1);
            }
        }
    }

    @Test
    void aWitnessThatSawWhatAnotherMemberPublishedProvesNothing() throws Exception {
        JournalConfig often = SharedRig.config(member("two"));
        JournalConfig seldom =
                new JournalConfig(
                        often.directory(),
                        often.origin(),
                        often.mode(),
                        often.interval(),
                        Duration.ofHours(1),
                        often.checkpointEvery(),
                        often.deadline(),
                        often.reserveBytes(),
                        often.maxPending());
        try (Journal first = rig.open(member("one"))) {
            first.append(Facts.act(1));
            first.checkpointNow();
            try (Journal second =
                    Journal.join(
                            seldom, Journals.keys(home), rig.log("control"), Clock.systemUTC())) {
                second.append(Facts.act(2));
                second.checkpointNow(); // from here on it looks again when it is asked to
                Journals.fill(first, 8);
                byte[] seen = first.checkpointNow().note().getBytes(StandardCharsets.UTF_8);
                try (Witnessing witnessing = witnessedBy(second, seen)) {
                    assertThat(witnessing.status().seen().getFirst().entries()).isEqualTo(10);
                    assertThat(second.health().state()).isEqualTo(JournalHealth.State.OPEN);
                }
            }
        }
    }

    /** Opens with a witness that shows this note. */
    private Witnessing witnessedBy(Journal journal, byte[] seen) throws MalformedException {
        WitnessDoor door =
                new WitnessDoor() {
                    @Override
                    public Reply add(byte[] body) throws IOException {
                        throw new IOException("not asked here");
                    }

                    @Override
                    public Reply latest(String originHash) {
                        return new Reply(200, "text/plain", seen);
                    }
                };
        String policy =
                "witness W "
                        + Cosigner.generate("witness.example/w", Cosigner.Algorithm.ED25519)
                                .verifierKey()
                        + " https://w.example/\nquorum W\n";
        return Witnessing.open(
                journal,
                Journals.keys(home).vkey(),
                WitnessPolicy.parse(policy.getBytes(StandardCharsets.UTF_8)),
                new WitnessSettings(
                        Optional.empty(),
                        Optional.empty(),
                        Duration.ofSeconds(50),
                        Duration.ofHours(1),
                        1_000_000,
                        WitnessSettings.WhenUnwitnessed.ALARM),
                _ -> door);
    }

    @Test
    void aSharedLogIsSignedTwiceByAllWhoSignItOrByNone() {
        try (Journal control = rig.openTwice(member("one"));
                Journal gateway = rig.gateway(member("first"), (byte) 1)) {
            Journals.fill(gateway, 2);
            assertThat(control.append(Facts.act(3)).index()).isEqualTo(2);
            assertThat(control.checkpointNow().size()).isEqualTo(3);
        }
        try (Journal other = rig.openTwice(member("two"))) {
            Journals.fill(other, 2);
            assertThat(other.checkpointNow().size()).isEqualTo(5);
        }
        assertThat(verified())
                .isInstanceOfSatisfying(
                        Verification.Holds.class,
                        holds ->
                                assertThat(holds.notes())
                                        .contains("the checkpoint is signed with ML-DSA-44, too"));
        assertThatThrownBy(() -> rig.open(member("three")))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("set `ml-dsa: true`");
    }

    private JournalSettings settings() {
        JournalSettings usual = JournalSettings.defaults();
        return new JournalSettings(
                usual.mode(),
                usual.syncInterval(),
                usual.checkpointInterval(),
                usual.checkpointEvery(),
                usual.deadline(),
                0,
                usual.witnesses(),
                usual.retention(),
                usual.legalHold(),
                usual.exporters(),
                Optional.of(rig.log("control")),
                false);
    }

    private void found() {
        Path directory = member("control").resolve("journal");
        try (Journal control = settings().open(directory, Journals.keys(home), Clock.systemUTC())) {
            Journals.fill(control, 5);
            assertThat(control.entry(0).orElseThrow().kind()).isEqualTo("log.chartered");
            control.checkpointNow();
        }
    }

    private void expectMarked(long index) throws Exception {
        assertThat(verified())
                .isInstanceOfSatisfying(
                        Verification.Broken.class,
                        broken -> {
                            assertThat(broken.where()).isEqualTo("shared");
                            assertThat(broken.index()).isEqualTo(index);
                        });
        assertThat(IndependentVerifier.run(List.of(rig.log().toString())).status()).isEqualTo(1);
    }

    /** Else what waits in the database would never be asked for. */
    @Test
    void aSharedLogDoesNotPassAsOneOfItsOwn() throws Exception {
        found();
        assertThat(verified()).isInstanceOf(Verification.Holds.class);
        Path mark = rig.log().resolve("shared");
        String note = Files.readString(mark);
        Files.delete(mark);
        Files.writeString(rig.log().resolve("closed"), "6\n");
        expectMarked(0);
        Files.writeString(mark, note.replace("shared log", "other log"));
        expectMarked(-1);
        Files.writeString(mark, "entries that no checkpoint covers yet are in a database\n");
        expectMarked(-1);

        // Whoever has the log's key signs the first mark there was, which was not signed.
        Files.delete(rig.log().resolve("closed"));
        rig.open(member("control")).close();
        assertThat(verified()).isInstanceOf(Verification.Holds.class);
    }

    @Test
    void aMemberFindsWhatWasChangedOrPutBackInTheStore() throws Exception {
        try (Journal control = rig.open(member("control"));
                Journal gateway = rig.gateway(member("first"), (byte) 1)) {
            Journals.fill(gateway, 300);
            control.checkpointNow();
            assertThat(gateway.newestCheckpoint().size()).isEqualTo(300);
            assertThat(gateway.verify(1)).isInstanceOf(Verification.Holds.class);
            Path bundle = rig.log().resolve("tile/entries/000");
            byte[] good = Files.readAllBytes(bundle);
            byte[] bad = good.clone();
            bad[5000] ^= 1;
            Files.write(bundle, bad);

            assertThat(gateway.verify(1))
                    .isInstanceOfSatisfying(
                            Verification.Broken.class,
                            broken -> assertThat(broken.where()).isEqualTo("tile/entries/000"));
            Files.write(bundle, good);
            Files.delete(rig.log().resolve("verifier.vkey"));
            assertThat(gateway.verify(1)).isInstanceOf(Verification.Broken.class);
        }
    }

    /** Else a tail that was cut off would be said to be in a database. */
    @Test
    void aLogOfItsOwnDoesNotPassAsShared() throws Exception {
        found();
        byte[] mark = Files.readAllBytes(rig.log().resolve("shared"));
        Path alone = home.resolve("alone");
        JournalKeys keys = JournalKeys.create("log.example/alone", MemorySealer.fixed());
        try (Journal journal = Journal.open(config(alone, keys), keys, Clock.systemUTC())) {
            Journals.fill(journal, 3);
        }
        for (byte[] tried :
                List.of(mark, new byte[0], "shared\n".getBytes(StandardCharsets.UTF_8))) {
            Files.write(alone.resolve("journal/shared"), tried);
            assertThat(JournalVerifier.verify(alone.resolve("journal"), Optional.of(keys.vkey())))
                    .isInstanceOf(Verification.Broken.class);
        }
    }

    private static JournalConfig config(Path home, JournalKeys keys) {
        return JournalConfig.defaults(home.resolve("journal"), keys.origin());
    }

    @Test
    void theHomeOfAMemberIsNotTurnedIntoALogOfItsOwn() {
        found();
        assertThatThrownBy(() ->
                        Journal.open(
                                SharedRig.config(member("control")),
                                Journals.keys(home),
                                Clock.systemUTC()))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("set `journal.shared` as it was");
    }

    @Test
    void aSharedLogBegunWithOneSignatureStaysSo() {
        rig.open(member("one")).close();
        assertThatThrownBy(() -> rig.openTwice(member("two")))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("leave out `ml-dsa`");
        assertThat(verified()).isInstanceOf(Verification.Holds.class);
    }

    @Test
    void aTermEndedBeforeItsCheckpointWasShownIsToldAsSuch() throws Exception {
        try (Journal control = rig.openTwice(member("one"))) {
            Journals.fill(control, 3);
            assertThat(control.checkpointNow().size()).isEqualTo(3);
        }
        byte[] shown = Files.readAllBytes(rig.log().resolve("checkpoint"));
        try (Journal control = rig.openTwice(member("one"))) {
            Journals.fill(control, 4);
            assertThat(control.checkpointNow().size()).isEqualTo(7);
        }
        // What the store holds when the integrator was stopped just before it showed the last one.
        Files.write(rig.log().resolve("checkpoint"), shown);
        assertThat(verified())
                .isInstanceOfSatisfying(
                        Verification.Holds.class,
                        holds ->
                                assertThat(holds.notes())
                                        .contains(
                                                "the first 3 entries are signed with ML-DSA-44,"
                                                        + " too"));
        try (Journal control = rig.openTwice(member("two"))) {
            assertThat(control.checkpointNow().size()).isEqualTo(7);
        }
    }

    @Test
    void aGatewayDoesNotBeginALogAndRefusesTheLogOfAnotherKey() {
        assertThatThrownBy(() -> rig.gateway(member("first"), (byte) 1))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("nobody has begun");
        rig.open(member("control")).close();
        JournalKeys others = JournalKeys.create(Journals.ORIGIN, MemorySealer.fixed());
        assertThatThrownBy(() ->
                        Journal.join(
                                SharedRig.config(member("second")),
                                JournalKeys.recording(others.vkey(), MemorySealer.fixed()),
                                rig.log("gateway"),
                                Clock.systemUTC()))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("another key");
    }

    @Test
    void aGatewayGoesOnRecordingWhileNobodyIntegrates() {
        List<Receipt> receipts;
        rig.open(member("control")).close();
        try (Journal gateway = rig.gateway(member("first"), (byte) 1)) {
            receipts = Journals.fill(gateway, 40);
            assertThat(gateway.health().state()).isEqualTo(JournalHealth.State.OPEN);
            assertThat(gateway.health().checkpointed()).isZero();
            try (Journal control = rig.open(member("control"))) {
                assertThat(control.checkpointNow().size()).isEqualTo(40);
                assertThat(gateway.entry(39).orElseThrow().leafHash())
                        .isEqualTo(receipts.get(39).leafHash());
            }
        }
    }

    @Test
    void anotherTakesOfficeWhenTheIntegratorGoes() {
        Journal first = rig.open(member("one"));
        first.append(Facts.act(1));
        first.checkpointNow();
        try (Journal second = rig.open(member("two"))) {
            first.close();
            second.append(Facts.act(2));
            assertThat(second.checkpointNow().size()).isEqualTo(2);
        }
        assertThat(verified()).isInstanceOf(Verification.Holds.class);
    }

    @ParameterizedTest
    @CsvSource({
        "gateway, UPDATE atlas_journal.batch SET entries = ''",
        "gateway, DELETE FROM atlas_journal.batch",
        "gateway, TRUNCATE atlas_journal.batch",
        "gateway, SELECT entries FROM atlas_journal.batch",
        "gateway, INSERT INTO atlas_journal.epoch (holder) VALUES ('me')",
        "gateway, SELECT * FROM atlas_journal.checkpoint",
        "control, UPDATE atlas_journal.batch SET entries = ''",
        "control, DELETE FROM atlas_journal.batch",
        "control, TRUNCATE atlas_journal.batch",
        "control, UPDATE atlas_journal.epoch SET holder = ''",
        "control, DELETE FROM atlas_journal.checkpoint",
        "control, TRUNCATE atlas_journal.checkpoint CASCADE",
        "control, DROP TABLE atlas_journal.batch",
        "control, ALTER TABLE atlas_journal.batch DISABLE TRIGGER ALL",
    })
    void nobodyOnlineMayChangeOrRemoveAnything(String user, String command) throws Exception {
        try (Journal control = rig.open(member("control"))) {
            control.append(Facts.act(1));
            control.checkpointNow();
        }
        try (Connection connection = login(user);
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute(command))
                    .isInstanceOf(SQLException.class)
                    .matches(e -> "42501".equals(((SQLException) e).getSQLState()), "privilege");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "number, 7",
        "first_index, 7",
        "previous, $$x$$::bytea",
        "hash, $$x$$::bytea",
    })
    void nobodyOnlineGivesAPlaceOrAHash(String column, String value) throws Exception {
        try (Connection connection = login("gateway");
                Statement statement = connection.createStatement()) {
            String insert =
                    "INSERT INTO atlas_journal.batch (count, emitter, sequence, entries, "
                            + column
                            + ") VALUES (1, decode(repeat('ab', 16), 'hex'), 0, '\\x00', "
                            + value
                            + ")";
            assertThatThrownBy(() -> statement.execute(insert))
                    .isInstanceOf(SQLException.class)
                    .matches(e -> "42501".equals(((SQLException) e).getSQLState()), "privilege");
        }
    }

    @Test
    void notEvenTheOwnerChangesARowByMistakeAndMayRemoveWhatIsSigned() {
        try (Journal control = rig.open(member("control"))) {
            for (int i = 0; i < 5; i++) {
                control.append(Facts.act(i));
            }
            control.checkpointNow();
            control.append(Facts.act(5));
            control.append(Facts.act(6));
            TestPostgres postgres = TestPostgres.shared();
            assertThatThrownBy(() ->
                            postgres.run(
                                    rig.database(),
                                    "UPDATE atlas_journal.batch SET entries = '\\x00'"))
                    .hasMessageContaining("only ever added to");
            assertThatThrownBy(
                            () -> postgres.run(rig.database(), "DELETE FROM atlas_journal.batch"))
                    .hasMessageContaining("only ever added to");
            control.checkpointNow();
            postgres.run(
                    rig.database(),
                    "DELETE FROM atlas_journal.batch WHERE number <"
                            + " (SELECT max(batches) - 1 FROM atlas_journal.checkpoint)");
            assertThat(control.append(Facts.act(7)).index()).isEqualTo(7);
            assertThat(control.checkpointNow().size()).isEqualTo(8);
        }
        try (Journal control = rig.open(member("control"))) {
            assertThat(control.entry(0)).isPresent();
            assertThat(control.append(Facts.act(8)).index()).isEqualTo(8);
        }
        assertThat(verified()).isInstanceOf(Verification.Holds.class);
    }

    @Test
    void refusesADatabaseThatAnswersBeforeACommitIsDurable() {
        for (String off : List.of("off", "local", "remote_write")) {
            TestPostgres.shared()
                    .run(
                            rig.database(),
                            "ALTER DATABASE "
                                    + rig.database()
                                    + " SET synchronous_commit = "
                                    + off);
            assertThatThrownBy(() -> rig.open(member("control")))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("`synchronous_commit = " + off + "`");
        }
    }

    @Test
    void refusesADatabaseWhoseCertificateIsForAnotherHostOrOfAnotherAuthority() throws Exception {
        TestPostgres shared = TestPostgres.shared();
        var address =
                shared.database(rig.database(), "control", List.of("127.0.0.1:" + shared.port()));
        assertThatThrownBy(() -> joined(address))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("hostname")
                .hasMessageContaining("127.0.0.1");
        var right = shared.database(rig.database(), "control");
        var unbelieved =
                new atlas.journal.shared.SharedLog.Database(
                        right.hosts(),
                        right.name(),
                        right.user(),
                        right.password(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        assertThatThrownBy(() -> joined(unbelieved))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("SSL");
    }

    private Journal joined(atlas.journal.shared.SharedLog.Database database) {
        return Journal.join(
                SharedRig.config(member("control")),
                Journals.keys(home),
                new atlas.journal.shared.SharedLog(
                        Optional.empty(),
                        database,
                        Optional.of(home.resolve("store")),
                        Optional.empty()),
                Clock.systemUTC());
    }

    private Connection login(String user) throws SQLException {
        Properties properties = new Properties();
        properties.put("user", user);
        properties.put("password", user + "-secret");
        properties.put("sslmode", "require");
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:"
                        + TestPostgres.shared().port()
                        + "/"
                        + rig.database(),
                properties);
    }
}

package atlas.journal;

import atlas.core.Sensitive;
import atlas.journal.shared.SharedLog;
import atlas.journal.store.SharedShelf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Members of a log in PostgreSQL, over a folder or a bucket. */
final class SharedRig implements Rig {
    private final Path home;
    private final TestPostgres postgres;
    private final String database;
    private final Optional<TestBucket> bucket;
    private Optional<NthWrite> fault = Optional.empty();

    /** How the members that are opened here are kept. */
    private final UnaryOperator<JournalConfig> kept;

    SharedRig(Path home, TestPostgres postgres, Optional<TestBucket> bucket) {
        this(home, postgres, bucket, config -> config);
    }

    SharedRig(
            Path home,
            TestPostgres postgres,
            Optional<TestBucket> bucket,
            UnaryOperator<JournalConfig> kept) {
        this.kept = kept;
        this.home = home;
        this.postgres = postgres;
        this.database = postgres.newDatabase();
        this.bucket = bucket;
    }

    static SharedRig overFolder(Path home) {
        return new SharedRig(home, TestPostgres.shared(), Optional.empty());
    }

    @Override
    public Sampled publishing() {
        return Sampled.oneIn(3);
    }

    String database() {
        return database;
    }

    /** The log, as {@code user} sees it. */
    SharedLog log(String user) {
        return new SharedLog(
                Optional.empty(),
                postgres.database(database, user),
                bucket.isPresent() ? Optional.empty() : Optional.of(home.resolve("store")),
                bucket.map(TestBucket::address));
    }

    static JournalConfig config(Path member) {
        return new JournalConfig(
                member.resolve("journal"),
                Journals.ORIGIN,
                JournalConfig.Mode.ALWAYS,
                Duration.ofMillis(5),
                Duration.ofMillis(50),
                1_000_000,
                Duration.ofSeconds(120),
                0,
                8192);
    }

    @Override
    public Journal open(Path member) {
        return open(member, "control", shelf -> shelf);
    }

    /** One that has the log's key and integrates. */
    Journal open(Path member, String user, UnaryOperator<SharedShelf> between) {
        return open(member, Journals.keys(home), user, between);
    }

    /** One that signs with ML-DSA-44, too. */
    Journal openTwice(Path member) {
        JournalKeys keys = Journals.keys(home).signingTwice(Clock.systemUTC());
        return open(member, keys, "control", shelf -> shelf);
    }

    private Journal open(
            Path member, JournalKeys keys, String user, UnaryOperator<SharedShelf> between) {
        return Journal.join(
                kept.apply(config(member)), keys, log(user), Clock.systemUTC(), between);
    }

    /** A gateway: records, does not sign, seals under a key of its own. */
    Journal gateway(Path member, byte seal) {
        byte[] key = new byte[32];
        java.util.Arrays.fill(key, seal);
        String vkey = Journals.keys(home).vkey();
        return Journal.join(
                kept.apply(config(member)),
                JournalKeys.recording(vkey, new MemorySealer(key)),
                log("gateway"),
                Clock.systemUTC());
    }

    @Override
    public Journal openBreaking(Path member, int nth, boolean persists) {
        NthWrite set = new NthWrite(nth, persists);
        fault = Optional.of(set);
        return open(member, "control", shelf -> new BreakingShelf(shelf, set));
    }

    @Override
    public boolean broke() {
        return fault.map(NthWrite::reached).orElse(false);
    }

    @Override
    public Path log() {
        if (bucket.isEmpty()) {
            return home.resolve("store");
        }
        try {
            return bucket.get().copyTo(Files.createTempDirectory(home, "copy"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<String> kept() {
        List<String> all = new ArrayList<>(FileRig.texts(home));
        all.addAll(FileRig.texts(log()));
        try (Connection connection = postgres.superuser(database);
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT entries FROM atlas_journal.batch")) {
            while (rows.next()) {
                all.add(new String(rows.getBytes(1), StandardCharsets.ISO_8859_1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return all;
    }

    @Override
    public List<String> arguments() {
        SharedLog log = log("control");
        return List.of(
                "shared",
                home.toString(),
                log.database().hosts().getFirst(),
                database,
                String.valueOf(log.database().rootCertificate().orElseThrow()),
                log.folder().map(Path::toString).orElse(""),
                log.bucket().map(one -> one.endpoint().toString()).orElse(""));
    }

    /** A member opened in another process from {@link #arguments}. */
    static Journal openElsewhere(List<String> arguments, Path member) {
        boolean inBucket = arguments.get(5).isEmpty();
        SharedLog log =
                new SharedLog(
                        Optional.empty(),
                        new SharedLog.Database(
                                List.of(arguments.get(2)),
                                arguments.get(3),
                                "control",
                                Optional.of(Sensitive.of("control-secret")),
                                Optional.of(Path.of(arguments.get(4))),
                                Optional.empty(),
                                Optional.empty()),
                        inBucket ? Optional.empty() : Optional.of(Path.of(arguments.get(5))),
                        inBucket
                                ? Optional.of(TestBucket.address(URI.create(arguments.get(6))))
                                : Optional.empty());
        return Journal.join(
                config(member), Journals.keys(Path.of(arguments.get(1))), log, Clock.systemUTC());
    }

    @Override
    public void close() {
        bucket.ifPresent(TestBucket::close);
    }

    /** A shelf whose nth write fails. */
    private record BreakingShelf(SharedShelf shelf, NthWrite fault) implements SharedShelf {
        @Override
        public byte[] read(String name) throws IOException {
            return shelf.read(name);
        }

        @Override
        public void put(String name, byte[] content) throws IOException {
            fault.run(() -> shelf.put(name, content));
        }

        @Override
        public void sync() throws IOException {
            fault.run(shelf::sync);
        }

        @Override
        public void keep(String name, byte[] content) throws IOException {
            shelf.keep(name, content);
        }

        @Override
        public List<String> names(String folder) throws IOException {
            return shelf.names(folder);
        }

        @Override
        public void remove(String name) throws IOException {
            fault.run(() -> shelf.remove(name));
        }

        @Override
        public boolean swap(String name, byte[] expected, byte[] content) throws IOException {
            boolean[] swapped = new boolean[1];
            fault.run(() -> swapped[0] = shelf.swap(name, expected, content));
            return swapped[0];
        }

        @Override
        public void close() throws IOException {
            shelf.close();
        }
    }
}

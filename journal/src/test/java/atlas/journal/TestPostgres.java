package atlas.journal;

import atlas.core.Sensitive;
import atlas.journal.shared.DatabaseSchema;
import atlas.journal.shared.SharedLog;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A real PostgreSQL, durable and with TLS as in production: {@code gateway} may record, {@code
 * control} integrate too, both with passwords over TLS only; {@code postgres} is the superuser.
 */
final class TestPostgres implements AutoCloseable {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Path data;
    private final Certificates certificates;
    private EmbeddedPostgres server;
    private final int port;

    /** One that all tests of this run share; each makes its own databases in it. */
    private static final class Shared {
        private static final TestPostgres SERVER = start();

        private static TestPostgres start() {
            try {
                Path home = Files.createTempDirectory("atlas-postgres");
                TestPostgres started = new TestPostgres(home);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> started.remove(home)));
                return started;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static TestPostgres shared() {
        return Shared.SERVER;
    }

    private void remove(Path home) {
        close();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server of one's own in this directory. */
    TestPostgres(Path home) throws IOException {
        this(home.resolve("data"), new Certificates(home), 0);
        String hba =
                """
                host all postgres 127.0.0.1/32 trust
                host all postgres ::1/128 trust
                host replication postgres 127.0.0.1/32 trust
                host replication postgres ::1/128 trust
                hostssl all all 127.0.0.1/32 scram-sha-256
                hostssl all all ::1/128 scram-sha-256
                """;
        Files.writeString(data.resolve("pg_hba.conf"), hba);
        run(
                "postgres",
                "SELECT pg_reload_conf()",
                "CREATE ROLE atlas_journal_writer NOLOGIN",
                "CREATE ROLE atlas_journal_integrator NOLOGIN",
                "CREATE ROLE gateway LOGIN PASSWORD 'gateway-secret' IN ROLE atlas_journal_writer",
                "CREATE ROLE control LOGIN PASSWORD 'control-secret'"
                        + " IN ROLE atlas_journal_writer, atlas_journal_integrator");
    }

    private TestPostgres(Path data, Certificates certificates, int port) throws IOException {
        this.data = data;
        this.certificates = certificates;
        this.server = boot(port);
        this.port = server.getPort();
    }

    private EmbeddedPostgres boot(int onPort) throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setPort(onPort)
                .setPGStartupWait(PATIENCE)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("shared_buffers", "16MB")
                .setServerConfig("ssl", "on")
                .setServerConfig("ssl_cert_file", certificates.server().toString())
                .setServerConfig("ssl_key_file", certificates.serverKey().toString())
                .start();
    }

    /** A new database with the journal's tables. */
    String newDatabase() {
        String name = "journal" + DATABASES.incrementAndGet();
        run("postgres", "CREATE DATABASE " + name);
        run(name, DatabaseSchema.sql());
        return name;
    }

    /** As whom and how to reach a database. */
    SharedLog.Database database(String name, String user) {
        return database(name, user, List.of("localhost:" + port));
    }

    SharedLog.Database database(String name, String user, List<String> hosts) {
        return new SharedLog.Database(
                hosts,
                name,
                user,
                Optional.of(Sensitive.of(user + "-secret")),
                Optional.of(certificates.authority()),
                Optional.empty(),
                Optional.empty());
    }

    int port() {
        return port;
    }

    /** The superuser's connection. */
    Connection superuser(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + port + "/" + database, "postgres", "");
    }

    void run(String database, String... commands) {
        try (Connection connection = superuser(database);
                Statement statement = connection.createStatement()) {
            for (String command : commands) {
                statement.execute(command);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Kills every process of the server at once, as a power cut would. */
    void crash() throws Exception {
        long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
        ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
        List<ProcessHandle> all = new ArrayList<>(postmaster.descendants().toList());
        all.addFirst(postmaster);
        all.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle one : all) {
            one.onExit().get(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS);
        }
        Files.deleteIfExists(data.resolve("postmaster.pid"));
        server.close();
    }

    /** Stops the server in order. */
    void stop() throws IOException {
        server.close();
    }

    /** Starts it again where it was. */
    void startAgain() throws IOException {
        server = boot(port);
    }

    /** A standby that follows this server over its replication protocol. */
    TestPostgres standby(Path home) throws Exception {
        Path copy = home.resolve("data");
        try (Connection connection = superuser("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_backup_start('standby', true)");
            try (Stream<Path> files = Files.walk(data)) {
                for (Path file : files.toList()) {
                    copy(file, copy.resolve(data.relativize(file)));
                }
            }
            statement.execute("SELECT pg_backup_stop()");
        }
        Files.deleteIfExists(copy.resolve("postmaster.pid"));
        Files.createFile(copy.resolve("standby.signal"));
        Files.writeString(
                copy.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=localhost port=" + port + " user=postgres'\n");
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwx------"));
        return new TestPostgres(copy, certificates, 0);
    }

    private static void copy(Path from, Path to) throws IOException {
        if (Files.isDirectory(from)) {
            Files.createDirectories(to);
        } else if (Files.exists(from)) {
            Files.copy(from, to);
        }
    }

    /** Connections over which this standby follows another server. */
    int receivers() {
        try (Connection connection = superuser("postgres");
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT count(*) FROM pg_stat_wal_receiver")) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes a standby the server that takes writes. */
    void promote() {
        run("postgres", "SELECT pg_promote(true, 120)");
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An authority and a server's certificate for {@code localhost}, made with keytool. */
    private static final class Certificates {
        private static final String SECRET = "changeit";

        private final Path home;

        Certificates(Path home) throws IOException {
            this.home = home;
            Files.createDirectories(home);
            keytool("ca", "-genkeypair", "-keyalg", "EC", "-dname", "CN=ca", "-ext", "bc:c");
            keytool("ca", "-exportcert", "-rfc", "-file", authority().toString());
            keytool("server", "-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost");
            Path request = home.resolve("server.csr");
            keytool("server", "-certreq", "-file", request.toString());
            keytool(
                    "ca",
                    "-gencert",
                    "-rfc",
                    "-ext",
                    "san=dns:localhost",
                    "-infile",
                    request.toString(),
                    "-outfile",
                    server().toString());
            Files.writeString(serverKey(), privateKey());
            Files.setPosixFilePermissions(
                    serverKey(), PosixFilePermissions.fromString("rw-------"));
        }

        private String privateKey() {
            try {
                KeyStore store =
                        KeyStore.getInstance(
                                home.resolve("server.p12").toFile(), SECRET.toCharArray());
                PrivateKey key = (PrivateKey) store.getKey("server", SECRET.toCharArray());
                return "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                        + "\n-----END PRIVATE KEY-----\n";
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private void keytool(String alias, String... command) throws IOException {
            List<String> all =
                    new ArrayList<>(
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin/keytool")
                                            .toString()));
            all.addAll(List.of(command));
            all.addAll(List.of("-alias", alias, "-keystore"));
            all.addAll(List.of(home.resolve(alias + ".p12").toString(), "-storepass", SECRET));
            Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
            try {
                String said =
                        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (process.waitFor() != 0) {
                    throw new IllegalStateException(said);
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        Path authority() {
            return home.resolve("ca.pem");
        }

        Path server() {
            return home.resolve("server.pem");
        }

        Path serverKey() {
            return home.resolve("server.key");
        }
    }
}

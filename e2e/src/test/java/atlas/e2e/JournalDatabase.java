package atlas.e2e;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * A real PostgreSQL with TLS in which several members record into one log, made with the schema the
 * command line prints. A login's password is its name and {@code -secret}.
 */
final class JournalDatabase implements AutoCloseable {
    private static final String NAME = "atlas";

    private final TestAuthority authority;
    private final EmbeddedPostgres server;

    private JournalDatabase(TestAuthority authority, EmbeddedPostgres server) {
        this.authority = authority;
        this.server = server;
    }

    static JournalDatabase in(Path folder, String schema) throws Exception {
        TestAuthority authority = TestAuthority.in(folder.resolve("tls"));
        authority.issue("database");
        Files.setPosixFilePermissions(
                authority.key("database"), PosixFilePermissions.fromString("rw-------"));
        Path data = folder.resolve("data");
        EmbeddedPostgres server =
                EmbeddedPostgres.builder()
                        .setDataDirectory(data)
                        .setPGStartupWait(Duration.ofSeconds(120))
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("full_page_writes", "on")
                        .setServerConfig("shared_buffers", "16MB")
                        .setServerConfig("ssl", "on")
                        .setServerConfig("ssl_cert_file", authority.certificate("database") + "")
                        .setServerConfig("ssl_key_file", authority.key("database") + "")
                        .start();
        Files.writeString(
                data.resolve("pg_hba.conf"),
                """
                host all postgres 127.0.0.1/32 trust
                host all postgres ::1/128 trust
                hostssl all all 127.0.0.1/32 scram-sha-256
                hostssl all all ::1/128 scram-sha-256
                """);
        JournalDatabase database = new JournalDatabase(authority, server);
        database.run("postgres", "SELECT pg_reload_conf()");
        database.run("postgres", "CREATE DATABASE " + NAME);
        database.run(NAME, schema);
        return database;
    }

    /** A login in some of the journal's roles. */
    void login(String name, String roles) throws SQLException {
        run(
                "postgres",
                "CREATE ROLE " + name + " LOGIN PASSWORD '" + name + "-secret' IN ROLE " + roles);
    }

    /** Batches there are, and how many emitters recorded them. */
    long emitters() throws SQLException {
        try (Connection connection = superuser(NAME);
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT count(DISTINCT emitter) FROM atlas_journal.batch")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** The section of the configuration by which a member records into this log. */
    String section(String login, String verifierKey, Path store, Path folder) throws IOException {
        Path password = Files.writeString(folder.resolve(login + ".password"), login + "-secret");
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        return """
        journal:
          checkpoint-interval: 200ms
          shared:
        %s    database:
              hosts: [localhost:%d]
              name: %s
              user: %s
              password: file:%s
              root-certificate: %s
            folder: %s
        """
                .formatted(
                        verifierKey.isEmpty() ? "" : "    verifier-key: " + verifierKey + "\n",
                        server.getPort(),
                        NAME,
                        login,
                        password,
                        authority.root(),
                        store);
    }

    private Connection superuser(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + server.getPort() + "/" + database, "postgres", "");
    }

    private void run(String database, String command) throws SQLException {
        try (Connection connection = superuser(database);
                Statement statement = connection.createStatement()) {
            statement.execute(command);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

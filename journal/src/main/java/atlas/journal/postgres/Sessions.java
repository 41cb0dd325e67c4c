package atlas.journal.postgres;

import atlas.journal.shared.DatabaseSchema;
import atlas.journal.shared.SharedLog;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.Set;

/**
 * Opens connections that can be relied on: TLS to a verified host, a server that takes writes, one
 * that answers a commit when it is durable, tables of the version known here. Each is looked at
 * again whenever one is opened, since a failover may lead to a server of another configuration.
 * Thread-safe.
 */
public final class Sessions {
    private static final Set<String> DURABLE = Set.of("on", "remote_apply");

    private final String url;
    private final Properties properties = new Properties();

    /** The database's sessions; {@code application} is what the server shows them as. */
    public Sessions(SharedLog.Database database, String application) {
        url = "jdbc:postgresql://" + String.join(",", database.hosts()) + "/" + database.name();
        properties.put("user", database.user());
        database.password().ifPresent(secret -> properties.put("password", secret.reveal()));
        properties.put("sslmode", "verify-full");
        if (database.rootCertificate().isPresent()) {
            properties.put("sslrootcert", database.rootCertificate().get().toString());
        } else {
            properties.put("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
        }
        database.clientCertificate().ifPresent(file -> properties.put("sslcert", file.toString()));
        database.clientKey().ifPresent(file -> properties.put("sslkey", file.toString()));
        properties.put("targetServerType", "primary");
        properties.put("hostRecheckSeconds", "1");
        properties.put("connectTimeout", "5");
        properties.put("loginTimeout", "10");
        // Ends a wait for a server that vanished. A query is never cancelled instead: a cancelled
        // wait for a standby looks like a commit.
        properties.put("socketTimeout", "15");
        properties.put("tcpKeepAlive", "true");
        properties.put("ApplicationName", application);
    }

    /**
     * Looks whether the database is there and fit, and how many entries it has placed.
     *
     * @throws SQLException when it is not; the message says why
     */
    public long entries() throws SQLException {
        try (Connection connection = open();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT first_index + count FROM atlas_journal.batch"
                                        + " ORDER BY number DESC LIMIT 1")) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /**
     * A new connection, committing after every statement.
     *
     * @throws UnfitException when the server must not be relied on as it is configured
     */
    Connection open() throws SQLException {
        Connection connection = DriverManager.getConnection(url, properties);
        boolean fit = false;
        try (Statement statement = connection.createStatement()) {
            String durable = setting(statement, "synchronous_commit");
            if (!DURABLE.contains(durable)) {
                throw new UnfitException(
                        "the database has `synchronous_commit = "
                                + durable
                                + "`; the journal needs `on` or `remote_apply`");
            }
            for (String needed : new String[] {"fsync", "full_page_writes"}) {
                if (!setting(statement, needed).equals("on")) {
                    throw new UnfitException("the database has `" + needed + " = off`; turn it on");
                }
            }
            checkTls(statement);
            checkSchema(statement);
            fit = true;
            return connection;
        } finally {
            if (!fit) {
                connection.close();
            }
        }
    }

    private static String setting(Statement statement, String name) throws SQLException {
        try (ResultSet row = statement.executeQuery("SHOW " + name)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void checkTls(Statement statement) throws SQLException {
        try (ResultSet row =
                statement.executeQuery(
                        "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
            String version = row.next() ? String.valueOf(row.getString(1)) : "no TLS";
            if (!version.equals("TLSv1.3")) {
                throw new UnfitException(
                        "the database speaks "
                                + version
                                + "; set `ssl_min_protocol_version = 'TLSv1.3'` there");
            }
        }
    }

    private static void checkSchema(Statement statement) throws SQLException {
        try (ResultSet row =
                statement.executeQuery("SELECT max(number) FROM atlas_journal.version")) {
            row.next();
            int version = row.getInt(1);
            if (version != DatabaseSchema.VERSION) {
                throw new UnfitException(
                        "the journal's tables have version "
                                + version
                                + ", this program knows version "
                                + DatabaseSchema.VERSION);
            }
        }
    }

    /** A server that answers and must not be used. */
    static final class UnfitException extends SQLException {
        private static final long serialVersionUID = 1L;

        UnfitException(String message) {
            super(message);
        }
    }
}

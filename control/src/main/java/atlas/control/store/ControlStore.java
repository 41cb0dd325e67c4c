package atlas.control.store;

import atlas.core.crypto.Hashes;
import atlas.core.crypto.Sealer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.sqlite.SQLiteConfig;

/**
 * The SQLite file behind keys, grants and alerts: write-ahead log, one fsync for each commit, mode
 * 0600.
 *
 * <p>Promises: what a method returned from is on disk; every record is sealed, bound to its table,
 * column and row, so that a record moved elsewhere does not open. Blocks on disk; thread-safe (one
 * connection, one lock). Throws {@link StoreException}; the failed change did not happen.
 */
public final class ControlStore implements AutoCloseable {
    /**
     * Statements that bring a file from version n (its place in the list) to n + 1; never edited.
     */
    private static final List<String> MIGRATIONS =
            List.of(
                    "CREATE TABLE api_keys (id TEXT PRIMARY KEY, record BLOB NOT NULL,"
                            + " last_used INTEGER NOT NULL) STRICT",
                    "CREATE TABLE grants (id TEXT PRIMARY KEY, record BLOB NOT NULL,"
                            + " last_used INTEGER NOT NULL) STRICT",
                    "CREATE TABLE alerts (id TEXT PRIMARY KEY, record BLOB NOT NULL,"
                            + " last_used INTEGER NOT NULL) STRICT",
                    "CREATE TABLE key_spending (id TEXT PRIMARY KEY, record BLOB NOT NULL,"
                            + " last_used INTEGER NOT NULL) STRICT",
                    "CREATE TABLE revocations (id TEXT PRIMARY KEY, record BLOB NOT NULL,"
                            + " last_used INTEGER NOT NULL) STRICT",
                    "CREATE TABLE join_tokens (id TEXT PRIMARY KEY, record BLOB NOT NULL,"
                            + " last_used INTEGER NOT NULL) STRICT",
                    "CREATE TABLE workloads (id TEXT PRIMARY KEY, record BLOB NOT NULL,"
                            + " last_used INTEGER NOT NULL) STRICT");

    private final Connection connection;
    private final Sealer sealer;
    private final byte[] indexKey;
    private final ReentrantLock lock = new ReentrantLock();

    private ControlStore(Connection connection, Sealer sealer, byte[] indexKey) {
        this.connection = connection;
        this.sealer = sealer;
        this.indexKey = indexKey;
    }

    /**
     * Opens the file, making or upgrading it.
     *
     * @param sealer seals every record
     * @param secret what row ids derived from people's names are keyed with; not kept
     */
    public static ControlStore open(Path file, Sealer sealer, byte[] secret) {
        try {
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                Files.createFile(
                        file,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
            }
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            SQLiteConfig config = new SQLiteConfig();
            config.setJournalMode(SQLiteConfig.JournalMode.WAL);
            config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
            config.setLockingMode(SQLiteConfig.LockingMode.EXCLUSIVE);
            config.setBusyTimeout(2000);
            Connection connection = config.createConnection("jdbc:sqlite:" + file);
            byte[] indexKey = Hashes.hkdf(secret, new byte[0], "atlas control store row ids", 32);
            ControlStore store = new ControlStore(connection, sealer, indexKey);
            store.migrate(file);
            return store;
        } catch (SQLException | IOException e) {
            throw new StoreException(
                    "cannot open the control store `"
                            + file
                            + "`: "
                            + e.getMessage()
                            + "; restore it from a backup, or check its owner and the free space",
                    e);
        }
    }

    /**
     * Copies everything that is committed now into a file, which must be empty; what was removed is
     * not in the copy. Nobody writes meanwhile.
     */
    public void copyTo(Path file) {
        locked(
                "copy the control store",
                () -> {
                    try (PreparedStatement copy = connection.prepareStatement("VACUUM INTO ?")) {
                        copy.setString(1, file.toString());
                        return copy.executeUpdate();
                    }
                });
    }

    /** Whether it can be read now. */
    public synchronized boolean answers() {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA user_version")) {
            return row.next();
        } catch (SQLException e) {
            return false;
        }
    }

    private void migrate(Path file) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int version;
            try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
                row.next();
                version = row.getInt(1);
            }
            if (version > MIGRATIONS.size()) {
                throw new StoreException(
                        "the control store `"
                                + file
                                + "` has version "
                                + version
                                + ", this program knows "
                                + MIGRATIONS.size()
                                + "; start the newer program",
                        null);
            }
            connection.setAutoCommit(false);
            for (; version < MIGRATIONS.size(); version++) {
                statement.execute(MIGRATIONS.get(version));
                statement.execute("PRAGMA user_version = " + (version + 1));
                connection.commit();
            }
            connection.setAutoCommit(true);
            try (ResultSet row = statement.executeQuery("PRAGMA quick_check(1)")) {
                row.next();
                if (!"ok".equals(row.getString(1))) {
                    throw new StoreException(
                            "the control store `"
                                    + file
                                    + "` is damaged: "
                                    + row.getString(1)
                                    + "; restore it from a backup",
                            null);
                }
            }
        }
    }

    /** A row id that says nothing about the name it stands for. */
    String blindId(String name) {
        byte[] mac =
                Hashes.hmacSha256(indexKey, name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(mac, 0, 16);
    }

    /** One row as read, its record opened. */
    record Row(String id, byte[] record, long lastUsed) {}

    List<Row> all(Table table) {
        return locked(
                "read " + table.sqlName(),
                () -> {
                    List<Row> rows = new ArrayList<>();
                    try (Statement statement = connection.createStatement();
                            ResultSet row =
                                    statement.executeQuery(
                                            "SELECT id, record, last_used FROM "
                                                    + table.sqlName()
                                                    + " ORDER BY rowid")) {
                        while (row.next()) {
                            String id = row.getString(1);
                            byte[] record =
                                    sealer.open(row.getBytes(2), associated(table, "record", id));
                            rows.add(new Row(id, record, row.getLong(3)));
                        }
                    }
                    return rows;
                });
    }

    void put(Table table, String id, byte[] record) {
        put(table, id, record, 0);
    }

    /** Stores a row; {@code lastUsed} in milliseconds, 0 leaves what is there. */
    void put(Table table, String id, byte[] record, long lastUsed) {
        byte[] sealed = sealer.seal(record, associated(table, "record", id));
        locked(
                "write " + table.sqlName(),
                () -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "INSERT INTO "
                                            + table.sqlName()
                                            + " (id, record, last_used) VALUES (?, ?, ?)"
                                            + " ON CONFLICT(id) DO UPDATE SET"
                                            + " record = excluded.record, last_used ="
                                            + " max(last_used, excluded.last_used)")) {
                        statement.setString(1, id);
                        statement.setBytes(2, sealed);
                        statement.setLong(3, lastUsed);
                        return statement.executeUpdate();
                    }
                });
    }

    boolean remove(Table table, String id) {
        return locked(
                        "write " + table.sqlName(),
                        () -> {
                            try (PreparedStatement statement =
                                    connection.prepareStatement(
                                            "DELETE FROM " + table.sqlName() + " WHERE id = ?")) {
                                statement.setString(1, id);
                                return statement.executeUpdate();
                            }
                        })
                > 0;
    }

    /** Notes when rows were last used, all in one commit. */
    void used(Table table, Map<String, Long> epochMillisById) {
        locked(
                "write " + table.sqlName(),
                () -> {
                    connection.setAutoCommit(false);
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "UPDATE "
                                            + table.sqlName()
                                            + " SET last_used = ? WHERE id = ?")) {
                        for (Map.Entry<String, Long> entry : epochMillisById.entrySet()) {
                            statement.setLong(1, entry.getValue());
                            statement.setString(2, entry.getKey());
                            statement.addBatch();
                        }
                        statement.executeBatch();
                        connection.commit();
                    } finally {
                        connection.setAutoCommit(true);
                    }
                    return 0;
                });
    }

    /** The tables; names are constants, never input. */
    enum Table {
        API_KEYS,
        GRANTS,
        ALERTS,
        KEY_SPENDING,
        REVOCATIONS,
        JOIN_TOKENS,
        WORKLOADS;

        String sqlName() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private interface Sql<T> {
        T run() throws SQLException;
    }

    private <T> T locked(String what, Sql<T> sql) {
        lock.lock();
        try {
            return sql.run();
        } catch (SQLException e) {
            throw new StoreException("cannot " + what + ": " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    private static byte[] associated(Table table, String column, String id) {
        return (table.sqlName() + "\n" + column + "\n" + id)
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        locked(
                "close the control store",
                () -> {
                    connection.close();
                    return 0;
                });
    }
}

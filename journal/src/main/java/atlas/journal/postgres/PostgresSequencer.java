package atlas.journal.postgres;

import atlas.journal.store.Sequencer;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Orders by inserting: a batch is one row, placed by the database, one statement that commits by
 * itself. While the database is away the batch is kept and tried again; the pair of emitter and
 * number is unique there, so that one that had been recorded before the connection broke is found
 * and not recorded twice.
 */
public final class PostgresSequencer implements Sequencer, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresSequencer.class);
    private static final int MOST_BYTES = 2 << 20;
    private static final long LONGEST_PAUSE_MILLIS = 1000;
    private static final String INSERT =
            "INSERT INTO atlas_journal.batch (count, emitter, sequence, entries)"
                    + " VALUES (?, ?, ?, ?) ON CONFLICT (emitter, sequence) DO NOTHING"
                    + " RETURNING number, first_index, previous, hash";
    private static final String FIND =
            "SELECT number, first_index, previous, hash FROM atlas_journal.batch"
                    + " WHERE emitter = ? AND sequence = ? AND count = ?";
    private static final String LOOK =
            "SELECT (SELECT hash FROM atlas_journal.batch WHERE number = ?),"
                    + " (SELECT min(number) FROM atlas_journal.batch) > ?";
    // Writes something, so that its commit waits for everything before it to be durable.
    private static final String BARRIER = "SELECT pg_logical_emit_message(true, 'atlas', '')";

    private final Sessions sessions;
    private final TreeHasher hasher = new TreeHasher();
    private final byte[] buffer = new byte[MOST_BYTES];
    private final CountDownLatch closed = new CountDownLatch(1);
    private @Nullable Connection connection;
    private @Nullable Batch last;
    private byte[] emitter = new byte[0];
    private long sequence;
    private int count;
    private int length;
    private volatile String trouble = "";

    public PostgresSequencer(Sessions sessions) {
        this.sessions = sessions;
    }

    @Override
    public void begin(byte[] newEmitter, long firstSequence) {
        emitter = newEmitter;
        sequence = firstSequence;
        count = 0;
        length = 0;
    }

    @Override
    public boolean fits(int entryLength) {
        return length + Integer.BYTES + entryLength <= buffer.length;
    }

    @Override
    public byte[] add(byte[] entry) {
        ByteBuffer.wrap(buffer).putInt(length, entry.length).put(length + 4, entry);
        count++;
        length += Integer.BYTES + entry.length;
        return hasher.leaf(entry);
    }

    @Override
    public long append() throws IOException {
        byte[] entries = Arrays.copyOf(buffer, length);
        for (long pause = 10; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
            try {
                Batch placed = insert(connected(), entries);
                placed.check();
                last = placed;
                trouble = "";
                return placed.firstIndex();
            } catch (SQLException e) {
                disconnect();
                trouble("the journal's database: " + e.getMessage(), e);
                await(pause);
            }
        }
    }

    private Batch insert(Connection session, byte[] entries) throws SQLException, LostException {
        try (PreparedStatement insert = session.prepareStatement(INSERT)) {
            insert.setInt(1, count);
            insert.setBytes(2, emitter);
            insert.setLong(3, sequence);
            insert.setBytes(4, entries);
            try (ResultSet row = insert.executeQuery()) {
                if (row.next()) {
                    // A warning may say that the wait for a standby was cut short.
                    if (insert.getWarnings() != null || session.getWarnings() != null) {
                        throw new SQLException("the commit was not confirmed");
                    }
                    return batch(row, entries);
                }
            }
        }
        return recordedBefore(session, entries);
    }

    private Batch recordedBefore(Connection session, byte[] entries)
            throws SQLException, LostException {
        try (PreparedStatement find = session.prepareStatement(FIND)) {
            find.setBytes(1, emitter);
            find.setLong(2, sequence);
            find.setInt(3, count);
            try (ResultSet row = find.executeQuery()) {
                if (!row.next()) {
                    throw new LostException(
                            "the database holds another batch under number " + sequence);
                }
                Batch found = batch(row, entries);
                barrier(session);
                return found;
            }
        }
    }

    private static void barrier(Connection session) throws SQLException {
        try (PreparedStatement barrier = session.prepareStatement(BARRIER)) {
            barrier.executeQuery().close();
            if (barrier.getWarnings() != null || session.getWarnings() != null) {
                throw new SQLException("the commit was not confirmed");
            }
        }
    }

    private Batch batch(ResultSet row, byte[] entries) throws SQLException {
        return new Batch(
                row.getLong(1),
                row.getLong(2),
                count,
                emitter,
                sequence,
                row.getBytes(3),
                row.getBytes(4),
                entries);
    }

    private Connection connected() throws SQLException, LostException {
        Connection open = connection;
        if (open == null) {
            open = sessions.open();
            open.clearWarnings();
            connection = open;
            expectLast(open);
        }
        return open;
    }

    /** After a failover: the server may be one that never had what was acknowledged. */
    private void expectLast(Connection session) throws SQLException, LostException {
        Batch acknowledged = last;
        if (acknowledged == null) {
            return;
        }
        try (PreparedStatement look = session.prepareStatement(LOOK)) {
            look.setLong(1, acknowledged.number());
            look.setLong(2, acknowledged.number());
            try (ResultSet row = look.executeQuery()) {
                row.next();
                byte[] hash = row.getBytes(1);
                boolean removedInOrder = hash == null && row.getBoolean(2);
                if (!removedInOrder && !MessageDigest.isEqual(hash, acknowledged.hash())) {
                    throw new LostException(
                            "the database has lost batch "
                                    + acknowledged.number()
                                    + ", which it had acknowledged");
                }
            }
        }
    }

    private void trouble(String what, SQLException cause) {
        if (trouble.isEmpty()) {
            LOG.atWarn().setCause(cause).log("journal database not available");
        }
        trouble = what.replaceAll("\\s+", " ");
    }

    /** What keeps the batch in hand from being recorded; empty when nothing does. */
    public String trouble() {
        return trouble;
    }

    private void await(long millis) throws IOException {
        try {
            if (closed.await(millis, TimeUnit.MILLISECONDS)) {
                throw new IOException("closed before the database took what was submitted");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before the database took what was submitted", e);
        }
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                LOG.atDebug().setCause(e).log("connection closed badly");
            }
        }
    }

    @Override
    public void force() {
        // Every append is durable when it returns.
    }

    @Override
    public boolean forced() {
        return true;
    }

    @Override
    public long backlogBytes() {
        return 0;
    }

    /** Gives up on a batch that cannot be recorded; from any thread. */
    public void giveUp() {
        closed.countDown();
    }

    /** Lets go of the connection; for the committer's thread or after it has ended. */
    @Override
    public void close() {
        giveUp();
        disconnect();
    }
}

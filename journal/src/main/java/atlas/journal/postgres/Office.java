package atlas.journal.postgres;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A term of office of the one integrator. It lasts as long as its session, which holds an advisory
 * lock; its epoch is the fence: when another has taken office, nothing can be published in this one
 * any more, whatever the former holder still believes. Belongs to one thread.
 */
public final class Office implements AutoCloseable {
    /** What the fence raises. */
    private static final String FENCED = "AT001";

    private static final int BATCHES_AT_ONCE = 8;

    private final Connection session;
    private final long epoch;
    private long next;
    private byte[] previous = Batch.noHash();
    private long nextIndex;

    /** The last checkpoint the database knows of. */
    public record Published(long size, long batches, byte[] hash, String note) {}

    /** Another one integrates now. */
    public static final class FencedException extends IOException {
        private static final long serialVersionUID = 1L;

        FencedException(String message, SQLException cause) {
            super(message, cause);
        }
    }

    private Office(Connection session, long epoch) {
        this.session = session;
        this.epoch = epoch;
    }

    /** Takes office when it is vacant. */
    public static Optional<Office> take(Sessions sessions, String holder) throws SQLException {
        Connection session = sessions.open();
        boolean taken = false;
        try {
            try (PreparedStatement lock =
                            session.prepareStatement("SELECT pg_try_advisory_lock(1096043603, 3)");
                    ResultSet row = lock.executeQuery()) {
                row.next();
                if (!row.getBoolean(1)) {
                    return Optional.empty();
                }
            }
            try (PreparedStatement begin =
                    session.prepareStatement(
                            "INSERT INTO atlas_journal.epoch (holder) VALUES (?)"
                                    + " RETURNING number")) {
                begin.setString(1, holder);
                try (ResultSet row = begin.executeQuery()) {
                    row.next();
                    Office office = new Office(session, row.getLong(1));
                    taken = true;
                    return Optional.of(office);
                }
            }
        } finally {
            if (!taken) {
                session.close();
            }
        }
    }

    /** The number of this term. */
    public long epoch() {
        return epoch;
    }

    /** The last checkpoint published by whomever; reading goes on after what is under it. */
    public Optional<Published> lastPublished() throws SQLException {
        try (PreparedStatement look =
                        session.prepareStatement(
                                "SELECT size, batches, hash, note FROM atlas_journal.checkpoint"
                                        + " ORDER BY size DESC LIMIT 1");
                ResultSet row = look.executeQuery()) {
            if (!row.next()) {
                return Optional.empty();
            }
            Published published =
                    new Published(
                            row.getLong(1), row.getLong(2), row.getBytes(3), row.getString(4));
            next = published.batches();
            previous = published.hash();
            nextIndex = published.size();
            return Optional.of(published);
        }
    }

    /**
     * The next batches, a few at a time; none when all were read.
     *
     * @throws LostException when something is missing, altered or out of its order
     */
    public List<Batch> read() throws SQLException, LostException {
        List<Batch> batches = new ArrayList<>();
        try (PreparedStatement look =
                session.prepareStatement(
                        "SELECT number, first_index, count, emitter, sequence, previous, hash,"
                                + " entries FROM atlas_journal.batch WHERE number >= ?"
                                + " ORDER BY number LIMIT "
                                + BATCHES_AT_ONCE)) {
            look.setLong(1, next);
            try (ResultSet row = look.executeQuery()) {
                while (row.next()) {
                    Batch batch =
                            new Batch(
                                    row.getLong(1),
                                    row.getLong(2),
                                    row.getInt(3),
                                    row.getBytes(4),
                                    row.getLong(5),
                                    row.getBytes(6),
                                    row.getBytes(7),
                                    row.getBytes(8));
                    accept(batch);
                    batches.add(batch);
                }
            }
        }
        return batches;
    }

    private void accept(Batch batch) throws LostException {
        batch.check();
        if (batch.number() != next
                || batch.firstIndex() != nextIndex
                || !Arrays.equals(batch.previous(), previous)) {
            throw new LostException(
                    "batch "
                            + batch.number()
                            + " (entry "
                            + batch.firstIndex()
                            + ") in the database does not follow entry "
                            + (nextIndex - 1)
                            + ": something between them is missing or altered");
        }
        next++;
        nextIndex += batch.count();
        previous = batch.hash();
    }

    /** Whether the database still holds everything under the last checkpoint, or removed it so. */
    public boolean holds(Published published) throws SQLException {
        try (PreparedStatement look =
                session.prepareStatement("SELECT hash FROM atlas_journal.batch WHERE number = ?")) {
            look.setLong(1, published.batches() - 1);
            try (ResultSet row = look.executeQuery()) {
                return row.next() && Arrays.equals(row.getBytes(1), published.hash());
            }
        }
    }

    /**
     * Makes a checkpoint over everything read so far the last one.
     *
     * @throws FencedException when another has taken office
     */
    public void publish(long size, String note) throws SQLException, FencedException {
        try (PreparedStatement publish =
                session.prepareStatement(
                        "INSERT INTO atlas_journal.checkpoint (size, batches, hash, epoch, note)"
                                + " VALUES (?, ?, ?, ?, ?)")) {
            publish.setLong(1, size);
            publish.setLong(2, next);
            publish.setBytes(3, previous);
            publish.setLong(4, epoch);
            publish.setString(5, note);
            publish.executeUpdate();
        } catch (SQLException e) {
            if (FENCED.equals(e.getSQLState())) {
                throw new FencedException("checkpoint of " + size + " entries not published", e);
            }
            throw e;
        }
    }

    /** Leaves office. */
    @Override
    public void close() throws SQLException {
        session.close();
    }
}

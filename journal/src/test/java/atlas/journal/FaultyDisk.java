package atlas.journal;

import atlas.journal.store.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A disk that fails the nth call of one kind, before or after doing it, or holds it up. */
final class FaultyDisk implements Disk {
    /** What may be made to fail. */
    enum Call {
        WRITE,
        FORCE,
        CREATE,
        REPLACE,
        SYNC_DIRECTORY,
        DELETE
    }

    private final Disk disk;
    private volatile Call failing = Call.DELETE;
    private volatile int countdown = Integer.MAX_VALUE;
    private volatile boolean persists;
    volatile CountDownLatch hold = new CountDownLatch(0);
    volatile CountDownLatch held = new CountDownLatch(1);
    volatile long usable = Long.MAX_VALUE;
    volatile boolean unlinked;

    FaultyDisk(Disk disk) {
        this.disk = disk;
    }

    /** From now on the nth such call fails; what it should have done is done or not. */
    synchronized void fail(Call call, int nth, boolean andPersist) {
        failing = call;
        countdown = nth;
        persists = andPersist;
    }

    private interface Act {
        void run() throws IOException;
    }

    private void run(Call call, Act act) throws IOException {
        boolean fails;
        synchronized (this) {
            fails = call == failing && --countdown == 0;
        }
        if (!fails || persists) {
            act.run();
        }
        if (fails) {
            throw new IOException("injected: " + call);
        }
    }

    @Override
    public Segment create(Path path, ByteBuffer beginning, long bytes) throws IOException {
        Segment[] made = new Segment[1];
        run(Call.CREATE, () -> made[0] = disk.create(path, beginning, bytes));
        return new FaultySegment(made[0]);
    }

    @Override
    public Segment open(Path path) throws IOException {
        Segment[] opened = new Segment[1];
        run(Call.CREATE, () -> opened[0] = disk.open(path));
        return new FaultySegment(opened[0]);
    }

    @Override
    public void replace(Path path, byte[] content) throws IOException {
        run(Call.REPLACE, () -> disk.replace(path, content));
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        run(Call.SYNC_DIRECTORY, () -> disk.syncDirectory(directory));
    }

    @Override
    public void delete(Path path) throws IOException {
        run(Call.DELETE, () -> disk.delete(path));
    }

    @Override
    public long usable(Path directory) throws IOException {
        return Math.min(usable, disk.usable(directory));
    }

    private final class FaultySegment implements Segment {
        private final Segment segment;

        FaultySegment(Segment segment) {
            this.segment = segment;
        }

        @Override
        public Path path() {
            return segment.path();
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            run(Call.WRITE, () -> segment.write(bytes, position));
        }

        @Override
        public void force() throws IOException {
            held.countDown();
            try {
                hold.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            run(Call.FORCE, segment::force);
        }

        @Override
        public boolean linked() throws IOException {
            return !unlinked && segment.linked();
        }

        @Override
        public void close() throws IOException {
            segment.close();
        }
    }
}

package atlas.journal.store;

import java.io.IOException;

/** Orders by writing: a batch is one frame of the write-ahead log of this machine. */
public final class WalSequencer implements Sequencer {
    private final Wal wal;
    private final Placed placed;
    private final Frame.Builder frame;
    private long batch;
    private byte[] batchHash;
    private long nextIndex;
    private long durableBatches;

    /** Is told where each frame lies. */
    public interface Placed {
        void at(long firstIndex, Wal.Place place, int length);
    }

    /**
     * Where the write-ahead log was left.
     *
     * @param batch the next batch's number
     * @param batchHash hash of the last
     * @param index the place of the next entry
     */
    public record Resume(long batch, byte[] batchHash, long index) {}

    /** A sequencer of frames of up to {@code largestFrame} bytes. */
    public WalSequencer(Wal wal, Resume resume, int largestFrame, Placed placed) {
        this.wal = wal;
        this.placed = placed;
        this.frame = new Frame.Builder(largestFrame);
        this.batch = resume.batch();
        this.durableBatches = resume.batch();
        this.batchHash = resume.batchHash();
        this.nextIndex = resume.index();
    }

    @Override
    public void begin(byte[] emitter, long sequence) {
        frame.begin();
    }

    @Override
    public boolean fits(int entryLength) {
        return frame.fits(entryLength);
    }

    @Override
    public byte[] add(byte[] entry) {
        return frame.add(entry);
    }

    @Override
    public long append() throws IOException {
        long first = nextIndex;
        batchHash = frame.finish(batch, first, durableBatches, batchHash);
        Wal.Place place = wal.append(frame.bytes());
        placed.at(first, place, frame.length());
        batch++;
        nextIndex += frame.count();
        return first;
    }

    @Override
    public void force() throws IOException {
        wal.force();
        durableBatches = batch;
    }

    @Override
    public boolean forced() {
        return durableBatches == batch;
    }

    @Override
    public long backlogBytes() {
        return wal.bytes();
    }
}

package atlas.vault;

import atlas.core.crypto.Floe;
import atlas.core.crypto.OpenedObject;
import atlas.core.crypto.SealBrokenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.crypto.Cipher;

/** A sealed object being read; the file is opened once and its length is authenticated at once. */
final class FloeObject implements OpenedObject {
    private static final int SEGMENT = FloeObjects.PARAMETERS.segmentBytes();
    private static final int CHUNK = FloeObjects.CHUNK_BYTES;

    private final FileChannel channel;
    private final long body;
    private final Floe floe;
    private final long segments;
    private final int lastBytes;
    // A reader takes a lane for the time of one read, so threads share nothing.
    private final Queue<Lane> lanes = new ConcurrentLinkedQueue<>();

    private FloeObject(FileChannel channel, long body, Floe floe, long segments, int lastBytes) {
        this.channel = channel;
        this.body = body;
        this.floe = floe;
        this.segments = segments;
        this.lastBytes = lastBytes;
    }

    static FloeObject open(FileChannel channel, long body, Floe floe) throws IOException {
        long bytes = channel.size() - body;
        long segments = Math.ceilDiv(bytes, SEGMENT);
        long last = bytes - (segments - 1) * SEGMENT;
        if (segments < 1 || last < Floe.SEGMENT_OVERHEAD) {
            throw new SealBrokenException("a sealed object is cut short", null);
        }
        FloeObject object = new FloeObject(channel, body, floe, segments, (int) last);
        object.authenticateEnd();
        return object;
    }

    // Only the true last segment opens as the last one: this settles the length.
    private void authenticateEnd() throws IOException {
        Lane lane = new Lane();
        try {
            lane.open(segments - 1, ByteBuffer.wrap(lane.plain));
        } catch (SealBrokenException e) {
            throw new SealBrokenException("the end of a sealed object is missing or altered", e);
        } finally {
            Arrays.fill(lane.plain, (byte) 0);
        }
        lanes.add(lane);
    }

    @Override
    public long length() {
        return (segments - 1) * CHUNK + lastBytes - Floe.SEGMENT_OVERHEAD;
    }

    @Override
    public int chunkBytes() {
        return CHUNK;
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        if (position < 0 || target.remaining() > length() - position) {
            throw new IndexOutOfBoundsException(
                    "read of "
                            + target.remaining()
                            + " bytes at "
                            + position
                            + " in an object of "
                            + length());
        }
        int start = target.position();
        Lane lane = lanes.poll();
        if (lane == null) {
            lane = new Lane();
        }
        try {
            long at = position;
            while (target.hasRemaining()) {
                at += lane.fill(at, target);
            }
        } catch (IOException | RuntimeException e) {
            target.position(start);
            zero(target, start);
            throw e;
        } finally {
            Arrays.fill(lane.plain, (byte) 0);
        }
        lanes.add(lane);
    }

    private static void zero(ByteBuffer buffer, int from) {
        for (int i = from; i < buffer.limit(); i++) {
            buffer.put(i, (byte) 0);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /**
     * What one reading thread needs for itself. Arrays, for the JDK's AES-GCM is four times as fast
     * on them as on memory outside of the heap, which makes up for copying.
     */
    private final class Lane {
        final Cipher cipher = FloeObjects.newCipher();
        final ByteBuffer segment = ByteBuffer.allocate(SEGMENT);
        final byte[] plain = new byte[CHUNK];

        /** Copies from the chunk that holds {@code at}; returns how many bytes. */
        int fill(long at, ByteBuffer target) throws IOException {
            long index = at / CHUNK;
            int skip = (int) (at % CHUNK);
            int chunk = plainBytes(index);
            int wanted = Math.min(chunk - skip, target.remaining());
            if (wanted == chunk && target.hasArray()) {
                open(index, target);
                return chunk;
            }
            open(index, ByteBuffer.wrap(plain));
            target.put(plain, skip, wanted);
            return wanted;
        }

        private int plainBytes(long index) {
            return index == segments - 1 ? lastBytes - Floe.SEGMENT_OVERHEAD : CHUNK;
        }

        void open(long index, ByteBuffer target) throws IOException {
            boolean last = index == segments - 1;
            segment.clear().limit(last ? lastBytes : SEGMENT);
            long from = body + index * SEGMENT;
            while (segment.hasRemaining()) {
                if (channel.read(segment, from + segment.position()) < 0) {
                    throw new SealBrokenException("chunk " + index + " is missing", null);
                }
            }
            floe.open(cipher, index, last, segment.flip(), target);
        }
    }
}

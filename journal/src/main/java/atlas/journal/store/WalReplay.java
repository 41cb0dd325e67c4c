package atlas.journal.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Reads the write-ahead segments back after a stop, in order, as far as they can be believed.
 *
 * <p>A frame that does not hold is the torn end of an interrupted write only if it looks like one
 * (a sector or the end of it was never written) and no later frame says that it had been durable.
 * Anything else is damage: it is refused by name, never skipped.
 */
public final class WalReplay {
    private static final int SECTOR = 512;

    private final byte[] origin;
    private final Consumer<Frame> consumer;
    private long nextBatch = -1;
    private long nextIndex = -1;
    private byte[] previous = Frame.noPrevious();
    private long lastSegment;

    /**
     * What was read.
     *
     * @param nextBatch number of the batch to write next
     * @param lastHash hash of the last batch
     * @param nextSegment a segment number not used so far
     * @param torn what was dropped at the end, in words; empty when nothing was
     */
    public record Outcome(
            long nextBatch, byte[] lastHash, long nextSegment, Optional<String> torn) {}

    /** A write-ahead log that cannot be believed. */
    public static final class DamagedException extends IOException {
        private static final long serialVersionUID = 1L;

        DamagedException(String message) {
            super(message);
        }
    }

    private WalReplay(byte[] origin, Consumer<Frame> consumer) {
        this.origin = origin;
        this.consumer = consumer;
    }

    /** Hands every frame of the directory to {@code consumer}. */
    public static Outcome run(Path directory, byte[] origin, Consumer<Frame> consumer)
            throws IOException {
        return new WalReplay(origin, consumer).run(segments(directory));
    }

    /** The segment files of a directory, in order. */
    public static List<Path> segments(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".wal")).sorted().toList();
        }
    }

    private Outcome run(List<Path> segments) throws IOException {
        for (int i = 0; i < segments.size(); i++) {
            byte[] bytes = read(segments.get(i));
            if (bytes.length == 0) {
                // The process was stopped while this one was being made ready.
                refuseFramesIn(segments.subList(i + 1, segments.size()), segments.get(i));
                break;
            }
            int bad = frames(bytes);
            if (bad >= 0) {
                List<Path> rest = segments.subList(i + 1, segments.size());
                return outcome(Optional.of(torn(segments.get(i), bytes, bad, rest)), segments);
            }
        }
        return outcome(Optional.empty(), segments);
    }

    private Outcome outcome(Optional<String> torn, List<Path> segments) {
        long next = segments.isEmpty() ? 1 : numberOf(segments.getLast()) + 1;
        return new Outcome(Math.max(0, nextBatch), previous, Math.max(next, lastSegment + 1), torn);
    }

    private static long numberOf(Path segment) {
        String name = String.valueOf(segment.getFileName());
        return Long.parseLong(name.substring(0, name.length() - ".wal".length()));
    }

    /** The segment's bytes at full length; empty when its making was interrupted. */
    private byte[] read(Path segment) throws IOException {
        byte[] bytes = Files.readAllBytes(segment);
        long number = numberOf(segment);
        byte[] start = Arrays.copyOf(bytes, Wal.HEADER);
        long size = ByteBuffer.wrap(start).getLong(16);
        boolean plausible = size >= Wal.HEADER && size <= 1 << 30;
        if (plausible && Arrays.equals(start, Wal.header(number, (int) size, origin).array())) {
            lastSegment = number;
            return Arrays.copyOf(bytes, (int) size);
        }
        if (lastNonZero(bytes, 0) < 0) {
            return new byte[0];
        }
        throw new DamagedException(
                "`" + segment.getFileName() + "` is not a write-ahead segment of this log");
    }

    /** Consumes frames; the offset of the first that does not hold, or -1. */
    private int frames(byte[] bytes) throws DamagedException {
        int at = Wal.HEADER;
        while (at < bytes.length) {
            Optional<Frame> frame = Frame.read(bytes, at);
            if (frame.isEmpty()) {
                return lastNonZero(bytes, at) < 0 ? -1 : at;
            }
            accept(frame.get());
            int end = at + frame.get().length();
            at += Frame.padded(frame.get().length());
            if (lastNonZero(Arrays.copyOfRange(bytes, end, at), 0) >= 0) {
                throw new DamagedException(
                        "the padding after write-ahead batch " + (nextBatch - 1) + " was altered");
            }
        }
        return -1;
    }

    private void accept(Frame frame) throws DamagedException {
        boolean first = nextBatch < 0;
        if (!first
                && (frame.batch() != nextBatch
                        || frame.firstIndex() != nextIndex
                        || !Arrays.equals(frame.previous(), previous))) {
            throw new DamagedException(
                    "write-ahead batch "
                            + frame.batch()
                            + " (entry "
                            + frame.firstIndex()
                            + ") does not follow batch "
                            + (nextBatch - 1)
                            + ": something between them is missing or altered");
        }
        nextBatch = frame.batch() + 1;
        nextIndex = frame.firstIndex() + frame.entries().size();
        previous = frame.hash();
        consumer.accept(frame);
    }

    private String torn(Path segment, byte[] bytes, int at, List<Path> rest) throws IOException {
        long batch = Math.max(0, nextBatch);
        String what = "write-ahead batch " + batch + " in `" + segment.getFileName() + "`";
        if (!interrupted(bytes, at)) {
            throw new DamagedException(what + " was altered after it was written");
        }
        int later = laterFrames(bytes, at + Frame.ALIGNMENT, batch, what);
        for (Path path : rest) {
            byte[] other = read(path);
            later += laterFrames(other, Wal.HEADER, batch, what);
        }
        return what
                + " was interrupted before it was durable; "
                + (later == 0 ? "it was" : "it and " + later + " after it were")
                + " never promised as durable and are dropped";
    }

    private static int laterFrames(byte[] bytes, int from, long batch, String what)
            throws DamagedException {
        int found = 0;
        for (int at = from; at < bytes.length; at += Frame.ALIGNMENT) {
            Optional<Frame> frame = Frame.read(bytes, at);
            if (frame.isEmpty() || frame.get().batch() < batch) {
                continue;
            }
            if (frame.get().durable() > batch) {
                throw new DamagedException(
                        what + " is damaged, and batch " + frame.get().batch() + " follows it");
            }
            found++;
        }
        return found;
    }

    private void refuseFramesIn(List<Path> rest, Path empty) throws IOException {
        for (Path path : rest) {
            if (laterFrames(read(path), Wal.HEADER, -1, "`" + empty.getFileName() + "`") > 0) {
                throw new DamagedException(
                        "`" + empty.getFileName() + "` is empty, but segments after it are not");
            }
        }
    }

    /** Whether what lies here is a frame whose writing was cut short, rather than a changed one. */
    static boolean interrupted(byte[] bytes, int at) {
        if (!Frame.headerHolds(bytes, at)) {
            boolean firstSectorMissing = isZero(bytes, at, Math.min(bytes.length, at + SECTOR));
            return firstSectorMissing || cutInHeader(bytes, at);
        }
        long end = (long) at + ByteBuffer.wrap(bytes).getInt(at + 4);
        if (end > bytes.length || bytes[(int) end - 1] == 0) {
            return end <= bytes.length;
        }
        for (int sector = at; sector < end; sector += SECTOR) {
            if (isZero(bytes, sector, (int) Math.min(end, sector + SECTOR))) {
                return true;
            }
        }
        return false;
    }

    private static boolean cutInHeader(byte[] bytes, int at) {
        int written = lastNonZero(bytes, at) + 1 - at;
        byte[] magic = ByteBuffer.allocate(4).putInt(Frame.MAGIC).array();
        int seen = Math.min(4, written);
        return written < Frame.HEADER && Arrays.equals(bytes, at, at + seen, magic, 0, seen);
    }

    private static boolean isZero(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static int lastNonZero(byte[] bytes, int from) {
        for (int i = bytes.length - 1; i >= from; i--) {
            if (bytes[i] != 0) {
                return i;
            }
        }
        return -1;
    }
}

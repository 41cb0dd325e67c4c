package atlas.journal.verify;

import atlas.core.Digest;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * Follows each emitter through the log: its numbers have no gap and each of its entries names the
 * one before. A tree proves that nothing recorded was changed, this that nothing was left out.
 */
final class EmitterChains {
    private static final byte[] OPEN = Demands.LABEL.getBytes(StandardCharsets.US_ASCII);
    private static final Last NONE = new Last(-1, new byte[32]);

    private final Map<ByteBuffer, Last> last = new HashMap<>();

    private record Last(long sequence, byte[] leaf) {}

    /** A payload kept apart: its hash and its length. */
    record BlobReference(Digest digest, int length) {}

    /** Chains that go on from here without moving these. */
    EmitterChains copy() {
        EmitterChains copy = new EmitterChains();
        copy.last.putAll(last);
        return copy;
    }

    /** An entry's place in its emitter's chain, and what it refers to. */
    record Link(
            long index,
            byte[] emitter,
            long sequence,
            byte[] previous,
            byte[] leaf,
            Optional<BlobReference> blob,
            Optional<Demands> demands,
            String where) {}

    /** Entries of one emitter that follow each other; belongs to one thread. */
    static final class Run {
        private static final int EMITTER = 18;
        private static final int SEQUENCE = 34;
        private static final int PREVIOUS = 42;
        private static final int LABEL = 82;
        private static final VarHandle LONG =
                MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
        private static final VarHandle INT =
                MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

        private final Link first;
        private long sequence;
        private final byte[] leaf;

        Run(Link first) {
            this.first = first;
            this.sequence = first.sequence();
            this.leaf = first.leaf().clone();
        }

        /** Takes the next entry in, if it is of the same emitter; else it begins another run. */
        boolean takes(Link link) throws BrokenException {
            if (!Arrays.equals(link.emitter(), first.emitter())) {
                return false;
            }
            check(link, sequence, leaf);
            took(link.sequence(), link.leaf());
            return true;
        }

        private void took(long number, byte[] hash) {
            sequence = number;
            System.arraycopy(hash, 0, leaf, 0, leaf.length);
        }

        /**
         * Takes the next entry in when it is as nearly all are: of the same emitter, the next of
         * it, its payload sealed and in it. What is otherwise, or wrong, is left to a closer look.
         */
        boolean goesOn(byte[] bytes, int at, int length, byte[] hash) {
            if (length <= LABEL || bytes[at] != 2 || (bytes[at + 1] & ~2) != 0) {
                return false;
            }
            int label = Byte.toUnsignedInt(bytes[at + LABEL]);
            int payload =
                    LABEL + 1 + label + (bytes[at + 1] == 0 ? 0 : leaf.length) + Integer.BYTES;
            if (label == OPEN.length || payload > length) {
                return false;
            }
            byte[] emitter = first.emitter();
            boolean next =
                    (long) LONG.get(bytes, at + SEQUENCE) == sequence + 1
                            && (int) INT.get(bytes, at + payload - Integer.BYTES)
                                    == length - payload
                            && Arrays.equals(
                                    bytes, at + EMITTER, at + SEQUENCE, emitter, 0, emitter.length)
                            && Arrays.equals(bytes, at + PREVIOUS, at + PREVIOUS + 32, leaf, 0, 32);
            if (next) {
                took(sequence + 1, hash);
            }
            return next;
        }
    }

    /** Begins where an entry that is no longer there left an emitter. */
    void startAt(Retained retained) {
        retained.emitters()
                .forEach(head -> last.put(head.emitter(), new Last(head.sequence(), head.leaf())));
    }

    /** Checks the next entry; gives what it refers to. */
    Optional<BlobReference> next(long index, byte[] entry, byte[] leaf, String where)
            throws BrokenException {
        Link link = read(index, ByteBuffer.wrap(entry), leaf, where);
        follow(new Run(link));
        return link.blob();
    }

    /** Reads what is left in a buffer as an entry; any number at once. */
    static Link read(long index, ByteBuffer in, byte[] leaf, String where) throws BrokenException {
        try {
            int version = in.get();
            int flags = in.get();
            byte[] ids = new byte[32];
            in.get(ids);
            long sequence = in.getLong();
            byte[] previous = new byte[32];
            in.get(previous);
            in.getLong();
            byte[] label = new byte[Byte.toUnsignedInt(in.get())];
            in.get(label);
            // From version 2 on there may be a commitment; 1 had no flag for it.
            boolean committed = (flags & 2) != 0;
            in.position(in.position() + (committed ? 32 : 0));
            int length = in.getInt();
            boolean apart = (flags & 1) != 0;
            boolean known = version == 1 ? flags <= 1 : version == 2 && flags <= 3;
            if (!known || flags < 0 || in.remaining() != (apart ? 32 : length)) {
                throw new BrokenException(index, "not an entry of the known format", where);
            }
            byte[] emitter = Arrays.copyOfRange(ids, 16, 32);
            Optional<BlobReference> blob = Optional.empty();
            if (apart) {
                byte[] digest = new byte[32];
                in.get(digest);
                blob = Optional.of(new BlobReference(Digest.of(digest), length));
            }
            Optional<Demands> demands = Optional.empty();
            if (Arrays.equals(label, OPEN)) {
                byte[] payload = new byte[in.remaining()];
                in.get(payload);
                demands = Optional.of(Demands.read(index, payload, where));
            }
            return new Link(index, emitter, sequence, previous, leaf, blob, demands, where);
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | IllegalArgumentException e) {
            throw new BrokenException(index, "the entry ends too early", where);
        }
    }

    /** Checks that a run follows its emitter's last entry. */
    void follow(Run run) throws BrokenException {
        ByteBuffer emitter = ByteBuffer.wrap(run.first.emitter());
        Last before = last.getOrDefault(emitter, NONE);
        check(run.first, before.sequence(), before.leaf());
        last.put(emitter, new Last(run.sequence, run.leaf));
    }

    private static void check(Link link, long sequence, byte[] leaf) throws BrokenException {
        if (link.sequence() != sequence + 1) {
            throw new BrokenException(
                    link.index(),
                    "emitter "
                            + HexFormat.of().formatHex(link.emitter())
                            + " went from number "
                            + sequence
                            + " to "
                            + link.sequence(),
                    link.where());
        }
        if (!Arrays.equals(link.previous(), leaf)) {
            throw new BrokenException(
                    link.index(),
                    "the entry does not name the one before it of emitter "
                            + HexFormat.of().formatHex(link.emitter()),
                    link.where());
        }
    }
}

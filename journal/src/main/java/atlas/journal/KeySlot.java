package atlas.journal;

import atlas.core.Digest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * One place of a {@link KeyFile}: empty, a wrapped key, or one that was destroyed.
 *
 * <pre>
 * u32 "AJKL" live or "AJKX" destroyed | u32 CRC-32C of the rest | 32 owner | u16 length | wrapped key
 * </pre>
 *
 * <p>Two of them share a sector, so a write is done or not done; a destroyed one holds zeros where
 * the owner and the key were.
 */
sealed interface KeySlot {
    int BYTES = 256;
    int LIVE = 0x414A4B4C;
    int DESTROYED = 0x414A4B58;
    int MOST_WRAPPED = BYTES - 4 - 4 - Digest.BYTES - 2;

    /** Nothing was ever kept here. */
    record Empty() implements KeySlot {}

    /** A key, wrapped by the vault for this slot; {@code owner} is its subject's tag. */
    record Live(Digest owner, byte[] wrapped) implements KeySlot {}

    /** A key was here. */
    record Destroyed() implements KeySlot {}

    /** What no writer of ours leaves behind. */
    record Damaged() implements KeySlot {}

    static byte[] encode(Live live) {
        if (live.wrapped().length > MOST_WRAPPED) {
            throw new IllegalArgumentException(
                    "a wrapped key of " + live.wrapped().length + " bytes does not fit its slot");
        }
        return finished(
                ByteBuffer.allocate(BYTES)
                        .putInt(LIVE)
                        .putInt(0)
                        .put(live.owner().bytes())
                        .putShort((short) live.wrapped().length)
                        .put(live.wrapped()));
    }

    static byte[] destroyed() {
        return finished(ByteBuffer.allocate(BYTES).putInt(DESTROYED));
    }

    private static byte[] finished(ByteBuffer slot) {
        return slot.putInt(4, checksum(slot.array())).array();
    }

    static KeySlot decode(byte[] slot) {
        ByteBuffer in = ByteBuffer.wrap(slot);
        int magic = in.getInt();
        int sum = in.getInt();
        if (magic == 0 && sum == 0) {
            return Arrays.equals(slot, new byte[BYTES]) ? new Empty() : new Damaged();
        }
        if (sum != checksum(slot)) {
            return new Damaged();
        }
        if (magic == DESTROYED) {
            return new Destroyed();
        }
        byte[] owner = new byte[Digest.BYTES];
        in.get(owner);
        int length = Short.toUnsignedInt(in.getShort());
        if (magic != LIVE || length > MOST_WRAPPED) {
            return new Damaged();
        }
        byte[] wrapped = new byte[length];
        in.get(wrapped);
        return new Live(Digest.of(owner), wrapped);
    }

    private static int checksum(byte[] slot) {
        CRC32C sum = new CRC32C();
        sum.update(slot, 8, BYTES - 8);
        return (int) sum.getValue();
    }
}

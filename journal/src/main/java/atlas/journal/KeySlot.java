package atlas.journal;

import atlas.core.Digest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * One place of a {@link KeyFile}: empty, a wrapped key, or one that was destroyed.
 *
 * <pre>
 * u32 "AJKM" live or "AJKY" destroyed | u32 CRC-32C of the rest | 6 mark
 *   | 32 owner | u16 length | wrapped key
 * </pre>
 *
 * <p>Two of them share a sector, so a write is done or not done; a destroyed one holds zeros where
 * the owner and the key were. The first form, {@code AJKL} and {@code AJKX}, had no mark.
 */
sealed interface KeySlot {
    int BYTES = 256;
    int LIVE = 0x414A4B4D;
    int DESTROYED = 0x414A4B59;
    int FIRST_LIVE = 0x414A4B4C;
    int FIRST_DESTROYED = 0x414A4B58;
    int MOST_WRAPPED = BYTES - 4 - 4 - KeyName.MARK_BYTES - Digest.BYTES - 2;

    /** Nothing was ever kept here. */
    record Empty() implements KeySlot {}

    /**
     * A key, wrapped by the vault for this slot.
     *
     * @param mark the end of its {@link KeyName}
     * @param owner its subject's tag
     */
    record Live(String mark, Digest owner, byte[] wrapped) implements KeySlot {}

    /** A key was here. */
    record Destroyed(String mark) implements KeySlot {}

    /** What no writer of ours leaves behind. */
    record Damaged() implements KeySlot {}

    static byte[] encode(Live live) {
        if (live.wrapped().length > MOST_WRAPPED) {
            throw new IllegalArgumentException(
                    "a wrapped key of " + live.wrapped().length + " bytes does not fit its slot");
        }
        return finished(
                begun(live.mark().isEmpty() ? FIRST_LIVE : LIVE, live.mark())
                        .put(live.owner().bytes())
                        .putShort((short) live.wrapped().length)
                        .put(live.wrapped()));
    }

    static byte[] encode(Destroyed destroyed) {
        int magic = destroyed.mark().isEmpty() ? FIRST_DESTROYED : DESTROYED;
        return finished(begun(magic, destroyed.mark()));
    }

    private static ByteBuffer begun(int magic, String mark) {
        return ByteBuffer.allocate(BYTES)
                .putInt(magic)
                .putInt(0)
                .put(HexFormat.of().parseHex(mark));
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
        byte[] mark = new byte[magic == LIVE || magic == DESTROYED ? KeyName.MARK_BYTES : 0];
        in.get(mark);
        String marked = HexFormat.of().formatHex(mark);
        if (magic == DESTROYED || magic == FIRST_DESTROYED) {
            return new Destroyed(marked);
        }
        byte[] owner = new byte[Digest.BYTES];
        in.get(owner);
        int length = Short.toUnsignedInt(in.getShort());
        if ((magic != LIVE && magic != FIRST_LIVE) || length > MOST_WRAPPED) {
            return new Damaged();
        }
        byte[] wrapped = new byte[length];
        in.get(wrapped);
        return new Live(marked, Digest.of(owner), wrapped);
    }

    private static int checksum(byte[] slot) {
        CRC32C sum = new CRC32C();
        sum.update(slot, 8, BYTES - 8);
        return (int) sum.getValue();
    }
}

package atlas.journal;

import atlas.core.Digest;
import atlas.journal.store.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The wrapped keys of one month: slots of {@link KeySlot#BYTES}, the first of which says what the
 * file is. A slot is written once and overwritten once, in place, when its key is destroyed, so
 * that no older copy of it stays behind. Who writes it and who takes slots may be two threads, each
 * of them alone.
 */
final class KeyFile implements AutoCloseable {
    private static final int PREALLOCATED = 64 << 10;
    private static final byte[] HEADER = "atlas journal keys 1\n".getBytes(StandardCharsets.UTF_8);

    private final Disk disk;
    private final Path path;
    private final byte[] header;
    private final YearMonth month;
    private final Map<Digest, KeyName> owners = new HashMap<>();
    private Disk.@Nullable Segment segment;
    private int next = 1;

    private KeyFile(Disk disk, Path path, String origin) {
        this.disk = disk;
        this.path = path;
        this.month = YearMonth.parse(String.valueOf(path.getFileName()));
        byte[] name = origin.getBytes(StandardCharsets.UTF_8);
        this.header = Arrays.copyOf(HEADER, KeySlot.BYTES);
        int room = Math.min(name.length, header.length - HEADER.length);
        System.arraycopy(name, 0, header, HEADER.length, room);
    }

    /** Reads which slots are taken; the file is made when the first key is kept in it. */
    static KeyFile open(Disk disk, Path path, String origin) throws IOException {
        KeyFile file = new KeyFile(disk, path, origin);
        if (Files.exists(path)) {
            file.load();
        }
        return file;
    }

    private void load() throws IOException {
        byte[] content = Files.readAllBytes(path);
        byte[] beginning = Arrays.copyOf(content, KeySlot.BYTES);
        if (!Arrays.equals(beginning, header)) {
            if (!Arrays.equals(content, new byte[content.length])) {
                throw damaged("does not begin like one of this journal");
            }
            // Its making was interrupted: the first key comes after the header is on the disk.
            disk.delete(path);
            return;
        }
        int slots = content.length / KeySlot.BYTES;
        for (int slot = 1; slot < slots; slot++) {
            int at = slot * KeySlot.BYTES;
            switch (KeySlot.decode(Arrays.copyOfRange(content, at, at + KeySlot.BYTES))) {
                case KeySlot.Empty _ -> {}
                case KeySlot.Destroyed _ -> next = slot + 1;
                case KeySlot.Live live -> {
                    next = slot + 1;
                    owners.put(live.owner(), new KeyName(month, slot, live.mark()));
                }
                case KeySlot.Damaged _ -> throw damaged("is damaged at slot " + slot);
            }
        }
    }

    private JournalException damaged(String what) {
        return new JournalException(
                "the key file `" + path + "` " + what + "; restore it from a backup");
    }

    Path path() {
        return path;
    }

    /** The newest key of an owner. */
    Optional<KeyName> keyOf(Digest owner) {
        return Optional.ofNullable(owners.get(owner));
    }

    /** Takes the next slot, for whom {@link #own} says. */
    KeyName next() {
        return KeyName.fresh(month, next++);
    }

    /** Whose key is in a slot that was taken; what goes there is kept by {@link #write}. */
    void own(KeyName key, Digest owner) {
        owners.put(owner, key);
    }

    /** A slot that was taken is not needed; its number is used again when none was taken since. */
    void giveBack(int slot) {
        next = next == slot + 1 ? slot : next;
    }

    /** What is in a slot of a file; nothing, when there is no such file. */
    static KeySlot read(Path path, int slot) throws IOException {
        if (!Files.exists(path)) {
            return new KeySlot.Empty();
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(KeySlot.BYTES);
            long at = (long) slot * KeySlot.BYTES;
            while (bytes.hasRemaining() && channel.read(bytes, at + bytes.position()) > 0) {
                // A short read goes on where it ended.
            }
            return KeySlot.decode(bytes.array());
        }
    }

    /** What is in every slot that holds a key. */
    Map<KeyName, Digest> keys() throws IOException {
        Map<KeyName, Digest> keys = new LinkedHashMap<>();
        if (!Files.exists(path)) {
            return keys;
        }
        byte[] content = Files.readAllBytes(path);
        for (int at = KeySlot.BYTES; at + KeySlot.BYTES <= content.length; at += KeySlot.BYTES) {
            byte[] slot = Arrays.copyOfRange(content, at, at + KeySlot.BYTES);
            if (KeySlot.decode(slot) instanceof KeySlot.Live live) {
                keys.put(new KeyName(month, at / KeySlot.BYTES, live.mark()), live.owner());
            }
        }
        return keys;
    }

    /** Writes a slot; durable after {@link #force}. */
    void write(int slot, byte[] bytes) throws IOException {
        Disk.Segment open = segment;
        if (open == null) {
            open =
                    Files.exists(path)
                            ? disk.open(path)
                            : disk.create(path, ByteBuffer.wrap(header), PREALLOCATED);
            segment = open;
        }
        open.write(ByteBuffer.wrap(bytes), (long) slot * KeySlot.BYTES);
    }

    void force() throws IOException {
        Disk.Segment open = segment;
        if (open == null) {
            return;
        }
        if (!open.linked()) {
            throw new IOException("`" + path + "` was removed while in use");
        }
        open.force();
    }

    /** Forgets whose key it is: the next entry of its owner gets a new one. */
    void forget(KeyName key) {
        owners.values().remove(key);
    }

    @Override
    public void close() throws IOException {
        Disk.Segment open = segment;
        if (open != null) {
            segment = null;
            open.close();
        }
    }
}

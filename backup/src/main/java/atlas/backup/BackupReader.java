package atlas.backup;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads a backup, front to back, in constant memory.
 *
 * <p>Promises: the label's signature is checked before anything is opened, every segment before
 * anything of it is given out, and that the whole is what was signed before {@link
 * BackupReading.Holds} is said. Until then what a {@link Sink} got is not to be used. Blocks on the
 * file.
 */
public final class BackupReader {
    private static final int MOST_LABEL = 16 << 10;
    private static final int MOST_MANIFEST = 1 << 20;
    private static final int MOST_GROUPS = 256;

    private final Path file;
    private final Optional<String> vkey;

    /** Takes the files of a backup, one after the other. */
    public interface Sink {
        /** A file; what is not read of its content is passed over. */
        void file(String path, long bytes, InputStream content) throws IOException;
    }

    /** What stands before a file's content. */
    record FileHead(String path, long bytes) {}

    /**
     * @param vkey the verifier key of the home's log, which must have signed; without one the
     *     backup only agrees with itself
     */
    public BackupReader(Path file, Optional<String> vkey) {
        this.file = file;
        this.vkey = vkey;
    }

    /** Checks signature and bytes without opening anything. */
    public BackupReading signature() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            BackupLabel label = label(channel);
            CountedInput in = new CountedInput(stream(channel), label.bytes());
            in.skipNBytes(label.bytes());
            requireWhole(in, label);
            return new BackupReading.Signed(label);
        } catch (BrokenBackup e) {
            return new BackupReading.Broken(e.what());
        } catch (EOFException e) {
            return new BackupReading.Broken("it became shorter while it was read");
        }
    }

    /** Opens it and gives every file in it to the sink. */
    public BackupReading read(List<BackupIdentity> identities, Sink sink) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            BackupLabel label = label(channel);
            CountedInput in = new CountedInput(stream(channel), label.bytes());
            BackupHeader header = BackupHeader.read(in);
            Optional<byte[]> key = header.unwrap(identities);
            if (key.isEmpty()) {
                return locked(header, identities);
            }
            OpeningStream opened = new OpeningStream(in, key.get(), header.context());
            Arrays.fill(key.get(), (byte) 0);
            BackupManifest manifest = records(opened, sink);
            requireWhole(in, label);
            if (!manifest.created().equals(label.created())) {
                throw new BrokenBackup("its label and its manifest are of two times");
            }
            return new BackupReading.Holds(label, manifest);
        } catch (BrokenBackup e) {
            return new BackupReading.Broken(e.what());
        }
    }

    private static BackupReading locked(BackupHeader header, List<BackupIdentity> identities) {
        List<String> given = identities.stream().map(i -> i.recipient().id()).toList();
        return new BackupReading.Locked(
                "it takes "
                        + header.threshold()
                        + " of the identities of "
                        + String.join(", ", header.ids())
                        + "; given were those of "
                        + (given.isEmpty() ? "nobody" : String.join(", ", given)));
    }

    private static InputStream stream(FileChannel channel) throws IOException {
        channel.position(0);
        return new BufferedInputStream(Channels.newInputStream(channel), 1 << 18);
    }

    private static void requireWhole(CountedInput in, BackupLabel label) throws BrokenBackup {
        if (in.left() != 0 || !in.sha256().equals(label.sha256())) {
            throw new BrokenBackup("it is not the bytes that were signed");
        }
    }

    private BackupLabel label(FileChannel channel) throws IOException {
        long size = channel.size();
        int length = size < 4 ? -1 : at(channel, size - 4, 4).getInt();
        if (length <= 0 || length > MOST_LABEL || length + 4L > size) {
            throw new BrokenBackup("it does not end like an atlas backup: cut short, or none");
        }
        byte[] note = at(channel, size - 4 - length, length).array();
        BackupLabel label = BackupLabel.verified(note, vkey);
        if (label.bytes() != size - 4 - length) {
            throw new BrokenBackup("it has not the length that was signed");
        }
        return label;
    }

    private static ByteBuffer at(FileChannel channel, long position, int length)
            throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new BrokenBackup("it became shorter while it was read");
            }
        }
        return bytes.flip();
    }

    private static BackupManifest records(OpeningStream opened, Sink sink) throws IOException {
        DataInputStream in = new DataInputStream(opened);
        PathSet paths = new PathSet();
        Map<String, BackupManifest.Count> counts = new TreeMap<>();
        try (FileRecord.Reader files = new FileRecord.Reader(in)) {
            for (int kind = in.readUnsignedByte(); kind != BackupWriter.MANIFEST; ) {
                if (kind != BackupWriter.FILE) {
                    throw new BrokenBackup("it holds something that this program does not know");
                }
                FileHead head = files.file(sink);
                if (!paths.add(head.path()) || counts.size() > MOST_GROUPS) {
                    throw new BrokenBackup("`" + head.path() + "` is one file too many in it");
                }
                counts.merge(
                        BackupPath.group(head.path()),
                        new BackupManifest.Count(1, head.bytes()),
                        (before, _) -> before.plus(head.bytes()));
                kind = in.readUnsignedByte();
            }
            int length = in.readInt();
            if (length < 0 || length > MOST_MANIFEST) {
                throw new BrokenBackup("its manifest has a length that cannot be");
            }
            byte[] json = new byte[length];
            in.readFully(json);
            BackupManifest manifest = BackupManifest.parse(json);
            if (opened.read() >= 0 || !manifest.counts().equals(counts)) {
                throw new BrokenBackup("it is not what its manifest says");
            }
            return manifest;
        } catch (EOFException e) {
            throw new BrokenBackup("it ends before its manifest does");
        }
    }
}

package atlas.vault;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps a vault's directory to one process. */
final class VaultLock {
    private final FileChannel channel;

    private VaultLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the directory, making it when absent.
     *
     * @throws VaultException when another process has it
     */
    static VaultLock take(Path dir) {
        try {
            DurableFile.makeDirectory(dir);
            FileChannel channel =
                    FileChannel.open(
                            dir.resolve("lock"),
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE);
            try {
                if (channel.tryLock() != null) {
                    return new VaultLock(channel);
                }
            } catch (OverlappingFileLockException e) {
                channel.close();
                throw inUse(dir, e);
            }
            channel.close();
            throw inUse(dir, null);
        } catch (IOException e) {
            throw new VaultException("cannot open the vault in `" + dir + "`", e);
        }
    }

    private static VaultException inUse(Path dir, @Nullable Exception cause) {
        return new VaultException(
                "the vault in `" + dir + "` is open in another process; stop that one first",
                cause);
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new VaultException("cannot let go of the vault's lock", e);
        }
    }
}

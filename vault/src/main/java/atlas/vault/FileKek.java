package atlas.vault;

import atlas.core.crypto.Hashes;
import atlas.core.crypto.SealFormat;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;

/**
 * A KEK that lies in the clear in a file only its owner may read: for a laptop and for trying out.
 * It refuses a file that is a link, has a second name, belongs to somebody else, or may be read by
 * anybody else; and it says what it is in the file and in every status.
 *
 * <p>The key is read once, when opened. Thread-safe.
 */
public final class FileKek implements KekProvider {
    static final String HEADER = "atlas file kek 1";

    private static final String WARNING =
            "# this file holds, in the clear, the key to every key of this atlas home\n"
                    + "# whoever can read it can read everything; lose it and everything is lost\n";
    private static final String NOTE =
            "held in the clear in a file of mode 0600; for production use a KEK in an HSM or KMS";
    private static final Set<PosixFilePermission> ALLOWED =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    private static final byte[] WRAP = "atlas-kek-wrap/1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int WRAP_VERSION = 1;
    private static final Object CREATION = new Object();

    private final Path file;
    private final SecretKeySpec key;
    private final String fingerprint;

    private FileKek(Path file, byte[] key) {
        this.file = file;
        this.key = new SecretKeySpec(key, "HmacSHA256");
        this.fingerprint =
                Hashes.sha256(Hashes.hkdf(key, new byte[0], "atlas-kek-fingerprint/1", 32))
                        .hex()
                        .substring(0, 16);
    }

    /**
     * Opens the file, or makes it with a fresh key when there is none.
     *
     * @throws VaultException when the file is not fit to hold a key, saying why
     */
    public static FileKek openOrCreate(Path file) {
        Path path = file.toAbsolutePath().normalize();
        try {
            create(path);
            check(path);
            byte[] key = parse(path, Files.readString(path, StandardCharsets.US_ASCII));
            FileKek kek = new FileKek(path, key);
            Arrays.fill(key, (byte) 0);
            return kek;
        } catch (IOException e) {
            throw new VaultException("cannot read the key file `" + path + "`", e);
        }
    }

    // Two processes starting at once must not each make a key: the later one would orphan data.
    private static void create(Path path) throws IOException {
        DurableFile.makeDirectory(DurableFile.parent(path));
        Path lockFile = path.resolveSibling(path.getFileName() + ".lock");
        synchronized (CREATION) {
            try (FileChannel channel =
                            FileChannel.open(
                                    lockFile,
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.CREATE,
                                    LinkOption.NOFOLLOW_LINKS);
                    FileLock _ = channel.lock()) {
                if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                    byte[] key = SealFormat.newKey();
                    String text =
                            HEADER
                                    + "\n"
                                    + WARNING
                                    + Base64.getEncoder().encodeToString(key)
                                    + "\n";
                    DurableFile.replace(path, text.getBytes(StandardCharsets.US_ASCII));
                    Arrays.fill(key, (byte) 0);
                }
            }
        }
    }

    private static void check(Path path) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile()) {
            throw unfit(path, "is not a regular file", "put the key file itself there, not a link");
        }
        if (!ALLOWED.containsAll(attributes.permissions())) {
            throw unfit(path, "may be used by others than its owner", "run chmod 600 on it");
        }
        if ((Integer) Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS) != 1) {
            throw unfit(path, "has a second name (hard link)", "remove the other name");
        }
        Integer owner = (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        Integer self = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (!owner.equals(self)) {
            throw unfit(path, "belongs to another user", "run chown on it");
        }
    }

    private static byte[] parse(Path path, String text) {
        List<String> lines = text.lines().filter(line -> !line.startsWith("#")).toList();
        if (lines.size() != 2 || !lines.getFirst().equals(HEADER)) {
            throw unfit(path, "is not an atlas key file", "restore it from a backup");
        }
        byte[] key;
        try {
            key = Base64.getDecoder().decode(lines.getLast());
        } catch (IllegalArgumentException e) {
            throw unfit(path, "holds a damaged key", "restore it from a backup");
        }
        if (key.length != SealFormat.KEY_BYTES) {
            throw unfit(path, "holds a key that is not 32 bytes", "restore it from a backup");
        }
        return key;
    }

    private static VaultException unfit(Path path, String what, String mend) {
        return new VaultException("the key file `" + path + "` " + what + "; " + mend, null);
    }

    @Override
    public String uri() {
        return "file:" + file;
    }

    @Override
    public KekStatus status() {
        return new KekStatus(uri(), true, fingerprint, NOTE);
    }

    @Override
    public byte[] wrap(byte[] dek, byte[] aad) {
        return SealFormat.seal(key, WRAP_VERSION, dek, bound(aad));
    }

    @Override
    public byte[] unwrap(byte[] wrapped, byte[] aad) {
        return SealFormat.open(key, wrapped, bound(aad));
    }

    private static byte[] bound(byte[] aad) {
        byte[] bound = Arrays.copyOf(WRAP, WRAP.length + aad.length);
        System.arraycopy(aad, 0, bound, WRAP.length, aad.length);
        return bound;
    }
}

package atlas.vault;

import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
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
import java.util.Optional;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;

/**
 * A KEK in a file only its owner may read: in the clear, for a laptop and for trying out, or sealed
 * under a passphrase. It refuses a file that is a link, has a second name, belongs to somebody
 * else, or may be read by anybody else; and it says what it is in the file and in every status.
 *
 * <p>The key is read once, when opened. Thread-safe.
 */
public final class FileKek implements KekProvider {
    static final String HEADER = "atlas file kek 1";
    static final String LOCKED_HEADER = "atlas file kek 2";

    private static final String WARNING =
            "# this file holds, in the clear, the key to every key of this atlas home\n"
                    + "# whoever can read it can read everything; lose it and everything is lost\n";
    private static final String NOTE =
            "held in the clear in a file of mode 0600; for production use a KEK in an HSM or KMS";
    private static final String LOCKED_WARNING =
            "# this file holds the key to every key of this atlas home, sealed under a passphrase\n"
                    + "# lose it or the passphrase and everything is lost\n";
    private static final String LOCKED_NOTE =
            "held in a file of mode 0600, sealed under a passphrase by Argon2id";
    private static final Set<PosixFilePermission> ALLOWED =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    private static final byte[] WRAP = "atlas-kek-wrap/1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int WRAP_VERSION = 1;
    private static final Object CREATION = new Object();

    private final Path file;
    private final String uri;
    private final String note;
    private final SecretKeySpec key;
    private final String fingerprint;

    private FileKek(Path file, String uri, String note, byte[] key) {
        this.file = file;
        this.uri = uri;
        this.note = note;
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
        return openOrCreate(file, "file:" + file.toAbsolutePath().normalize(), Optional.empty());
    }

    /**
     * Opens the file, or makes it with a fresh key when there is none.
     *
     * @param uri what it is called in every status
     * @param passphrase under which it is sealed; in the clear without
     * @throws VaultException when the file is not fit to hold a key, or the passphrase is not its
     */
    public static FileKek openOrCreate(
            Path file, String uri, Optional<Sensitive<byte[]>> passphrase) {
        Path path = file.toAbsolutePath().normalize();
        try {
            create(path, passphrase);
            check(path);
            String text = Files.readString(path, StandardCharsets.US_ASCII);
            byte[] key =
                    passphrase.isEmpty() ? parse(path, text) : unlock(path, text, passphrase.get());
            FileKek kek = new FileKek(path, uri, passphrase.isEmpty() ? NOTE : LOCKED_NOTE, key);
            Arrays.fill(key, (byte) 0);
            return kek;
        } catch (IOException e) {
            throw new VaultException("cannot read the key file `" + path + "`", e);
        }
    }

    // Two processes starting at once must not each make a key: the later one would orphan data.
    private static void create(Path path, Optional<Sensitive<byte[]>> passphrase)
            throws IOException {
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
                            passphrase
                                    .map(secret ->
                                            LOCKED_HEADER
                                                    + "\n"
                                                    + LOCKED_WARNING
                                                    + PassphraseLock.lock(key, secret))
                                    .orElseGet(() ->
                                            HEADER
                                                    + "\n"
                                                    + WARNING
                                                    + Base64.getEncoder().encodeToString(key)
                                                    + "\n");
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

    private static byte[] unlock(Path path, String text, Sensitive<byte[]> passphrase) {
        List<String> lines = text.lines().filter(line -> !line.startsWith("#")).toList();
        if (!lines.isEmpty() && lines.getFirst().equals(HEADER)) {
            throw unfit(
                    path,
                    "holds its key in the clear, though a passphrase is given",
                    "run `atlas vault rekey --to` with another file");
        }
        if (lines.size() != 3 || !lines.getFirst().equals(LOCKED_HEADER)) {
            throw unfit(path, "is not an atlas key file", "restore it from a backup");
        }
        try {
            return PassphraseLock.open(lines.get(1), lines.get(2), passphrase)
                    .filter(key -> key.length == SealFormat.KEY_BYTES)
                    .orElseThrow(() -> unfit(path, "is damaged", "restore it from a backup"));
        } catch (SealBrokenException e) {
            throw new VaultException(
                    "the key file `"
                            + path
                            + "` does not open with this passphrase, or was altered",
                    e);
        }
    }

    private static byte[] parse(Path path, String text) {
        List<String> lines = text.lines().filter(line -> !line.startsWith("#")).toList();
        if (!lines.isEmpty() && lines.getFirst().equals(LOCKED_HEADER)) {
            throw unfit(
                    path,
                    "is sealed under a passphrase",
                    "name the file that holds it: `file:PATH?passphrase-file=…`");
        }
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
        return uri;
    }

    @Override
    public KekStatus status() {
        return new KekStatus(
                uri, Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS), fingerprint, note);
    }

    @Override
    public byte[] wrap(byte[] dek, byte[] aad) {
        requireThere();
        return SealFormat.seal(key, WRAP_VERSION, dek, bound(aad));
    }

    @Override
    public byte[] unwrap(byte[] wrapped, byte[] aad) {
        requireThere();
        return SealFormat.open(key, wrapped, bound(aad));
    }

    // Whoever takes the file away takes the key back.
    private void requireThere() {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw KeyUnavailableException.withdrawn(
                    "the key file `" + file + "` is gone; put it back");
        }
    }

    private static byte[] bound(byte[] aad) {
        byte[] bound = Arrays.copyOf(WRAP, WRAP.length + aad.length);
        System.arraycopy(aad, 0, bound, WRAP.length, aad.length);
        return bound;
    }
}

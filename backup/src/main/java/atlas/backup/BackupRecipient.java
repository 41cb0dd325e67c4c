package atlas.backup;

import atlas.core.crypto.Hashes;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Somebody backups are made for: the public half of a {@link BackupIdentity}. Lies on the server,
 * and opens nothing. Immutable.
 */
public final class BackupRecipient {
    static final String PREFIX = "atlas-backup-recipient-1:";
    static final int ID_BYTES = 8;

    private final byte[] publicKey;
    private final byte[] id;

    BackupRecipient(byte[] publicKey) {
        this.publicKey = publicKey.clone();
        this.id = Arrays.copyOf(Hashes.sha256().digest(publicKey), ID_BYTES);
    }

    /**
     * Reads the text form; lines that begin with {@code #} and blank ones are passed over.
     *
     * @throws BackupException when it is not one
     */
    public static BackupRecipient parse(String text) {
        String line = KeyText.line(text);
        if (line.startsWith(BackupIdentity.PREFIX)) {
            throw new BackupException(
                    "this is an identity, the secret half; name its recipient, and keep the"
                            + " identity away from the server");
        }
        byte[] key = KeyText.decode(line, PREFIX, "a backup recipient");
        if (key.length != Hpke.PUBLIC_BYTES) {
            throw new BackupException("not a backup recipient: its key has another length");
        }
        return new BackupRecipient(key);
    }

    /** The text form, one line. */
    public String text() {
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(publicKey);
    }

    /** What it is called: the beginning of its key's SHA-256, 16 hex digits. */
    public String id() {
        return HexFormat.of().formatHex(id);
    }

    byte[] publicKey() {
        return publicKey.clone();
    }

    byte[] idBytes() {
        return id.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        // Public on both sides: how long it takes tells nothing that is not known.
        return other instanceof BackupRecipient that && Arrays.equals(publicKey, that.publicKey);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(publicKey);
    }

    @Override
    public String toString() {
        return id();
    }
}

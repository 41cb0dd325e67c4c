package atlas.backup;

import atlas.core.Sensitive;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * What opens backups: the seed of an X-Wing key pair. Made and kept away from the server. Does not
 * print. Immutable.
 */
public final class BackupIdentity {
    static final String PREFIX = "atlas-backup-identity-1:";

    private final Sensitive<byte[]> seed;
    private final BackupRecipient recipient;

    private BackupIdentity(byte[] seed) {
        this.seed = Sensitive.of(seed);
        this.recipient = new BackupRecipient(Hpke.publicKey(seed));
    }

    /** A fresh one. */
    public static BackupIdentity generate() {
        byte[] seed = new byte[Hpke.SEED_BYTES];
        new SecureRandom().nextBytes(seed);
        return new BackupIdentity(seed);
    }

    /**
     * Reads the text form; lines that begin with {@code #} and blank ones are passed over.
     *
     * @throws BackupException when it is not one
     */
    public static BackupIdentity parse(Sensitive<String> text) {
        String line = KeyText.line(text.reveal());
        if (line.startsWith(BackupRecipient.PREFIX)) {
            throw new BackupException("this is a recipient, the public half; an identity opens");
        }
        byte[] seed = KeyText.decode(line, PREFIX, "a backup identity");
        if (seed.length != Hpke.SEED_BYTES) {
            throw new BackupException("not a backup identity: its key has another length");
        }
        return new BackupIdentity(seed);
    }

    /** The text form, one line. */
    public Sensitive<String> text() {
        return Sensitive.of(
                PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(seed.reveal()));
    }

    /** Whom to make backups for, so that this opens them. */
    public BackupRecipient recipient() {
        return recipient;
    }

    Optional<byte[]> open(byte[] info, byte[] aad, byte[] sealed) {
        return Hpke.open(Arrays.copyOf(seed.reveal(), Hpke.SEED_BYTES), info, aad, sealed);
    }

    @Override
    public String toString() {
        return "identity of " + recipient;
    }
}

package atlas.backup;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The beginning of a backup: who can open it, and the file key wrapped for each of them.
 *
 * <pre>
 * "AtlasBk1" | u8 suite | u8 threshold | u8 recipients
 * for each: 8 id of the recipient | 1120 HPKE encapsulation | 48 sealed share
 * </pre>
 *
 * With a threshold of 1 a share is the file key itself. The bytes of all of it are the associated
 * data of what follows, so nothing here can be changed, added or taken away.
 */
final class BackupHeader {
    static final int KEY_BYTES = 32;

    private static final byte[] MAGIC = "AtlasBk1".getBytes(StandardCharsets.US_ASCII);
    private static final byte SUITE = 1;
    private static final int SEALED_BYTES = Hpke.ENCAPSULATED_BYTES + KEY_BYTES + Hpke.TAG_BYTES;
    private static final byte[] INFO = "atlas-backup/1 share".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONTENT = "atlas-backup/1\n".getBytes(StandardCharsets.US_ASCII);

    private final int threshold;
    private final List<Share> shares;

    private record Share(byte[] id, byte[] sealed) {}

    private BackupHeader(int threshold, List<Share> shares) {
        this.threshold = threshold;
        this.shares = List.copyOf(shares);
    }

    /** Wraps a file key. */
    static BackupHeader wrap(byte[] fileKey, BackupRecipients to) {
        List<BackupRecipient> recipients = to.recipients();
        int n = recipients.size();
        List<byte[]> parts = SecretSharing.split(fileKey, to.threshold(), n);
        List<Share> shares = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            BackupRecipient recipient = recipients.get(i);
            byte[] aad = place(to.threshold(), n, i);
            byte[] sealed = Hpke.seal(recipient.publicKey(), INFO, aad, parts.get(i));
            Arrays.fill(parts.get(i), (byte) 0);
            shares.add(new Share(recipient.idBytes(), sealed));
        }
        return new BackupHeader(to.threshold(), shares);
    }

    private static byte[] place(int threshold, int n, int i) {
        return ByteBuffer.allocate(MAGIC.length + 4)
                .put(MAGIC)
                .put(SUITE)
                .put((byte) threshold)
                .put((byte) n)
                .put((byte) i)
                .array();
    }

    /**
     * Reads one.
     *
     * @throws BrokenBackup when it is not one
     */
    static BackupHeader read(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        byte[] magic = data.readNBytes(MAGIC.length);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new BrokenBackup("it is not an atlas backup");
        }
        byte[] fields = data.readNBytes(3);
        if (fields.length < 3 || fields[0] != SUITE) {
            throw new BrokenBackup("it is of a version that this program does not know");
        }
        int n = fields[2];
        if (n < 1 || n > BackupRecipients.MOST || fields[1] < 1 || fields[1] > n) {
            throw new BrokenBackup("its header is damaged");
        }
        List<Share> shares = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            byte[] id = data.readNBytes(BackupRecipient.ID_BYTES);
            byte[] sealed = data.readNBytes(SEALED_BYTES);
            if (sealed.length < SEALED_BYTES) {
                throw new BrokenBackup("it is cut short in its header");
            }
            shares.add(new Share(id, sealed));
        }
        return new BackupHeader(fields[1], shares);
    }

    byte[] encoded() {
        ByteBuffer out =
                ByteBuffer.allocate(
                        MAGIC.length
                                + 3
                                + shares.size() * (BackupRecipient.ID_BYTES + SEALED_BYTES));
        out.put(MAGIC).put(SUITE).put((byte) threshold).put((byte) shares.size());
        shares.forEach(share -> out.put(share.id()).put(share.sealed()));
        return out.array();
    }

    /** What the content is bound to. */
    byte[] context() {
        byte[] encoded = encoded();
        return ByteBuffer.allocate(CONTENT.length + encoded.length)
                .put(CONTENT)
                .put(encoded)
                .array();
    }

    /**
     * The file key; empty when these identities are too few. That it is the right one shows only
     * when the content opens.
     *
     * @throws BrokenBackup when a share does not open for the identity it is for
     */
    Optional<byte[]> unwrap(List<BackupIdentity> identities) throws BrokenBackup {
        TreeMap<Integer, byte[]> opened = new TreeMap<>();
        for (BackupIdentity identity : identities) {
            byte[] id = identity.recipient().idBytes();
            for (int i = 0; i < shares.size() && opened.size() < threshold; i++) {
                if (Arrays.equals(shares.get(i).id(), id)) {
                    int x = i + 1;
                    byte[] aad = place(threshold, shares.size(), i);
                    byte[] share =
                            identity.open(INFO, aad, shares.get(i).sealed())
                                    .orElseThrow(() -> altered(identity));
                    opened.put(x, share);
                }
            }
        }
        if (opened.size() < threshold) {
            return Optional.empty();
        }
        return Optional.of(SecretSharing.combine(opened, KEY_BYTES));
    }

    private static BrokenBackup altered(BackupIdentity identity) {
        return new BrokenBackup(
                "the share for " + identity.recipient().id() + " in its header was altered");
    }

    int threshold() {
        return threshold;
    }

    List<String> ids() {
        return shares.stream().map(share -> HexFormat.of().formatHex(share.id())).toList();
    }
}

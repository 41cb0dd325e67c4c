package atlas.backup;

import atlas.core.crypto.SealFormat;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes one backup, front to back, in constant memory.
 *
 * <pre>
 * header | FLOE header and segments | label, a signed note | u32 length of the label
 * opened: (1 | file)* | 2 | u32 length | manifest
 * </pre>
 *
 * <p>Promises: plaintext goes nowhere but into the cipher; without {@link #end} what was written
 * reads as cut short. The file key lives in this object only. Blocks on the stream, which it does
 * not close. One thread.
 */
public final class BackupWriter implements AutoCloseable {
    static final int FILE = 1;
    static final int MANIFEST = 2;

    private final OutputStream raw;
    private final CountedOutput counted;
    private final SealingStream sealing;
    private final DataOutputStream out;
    private final FileRecord.Writer files;
    private final PathSet paths = new PathSet();
    private final Map<String, BackupManifest.Count> counts = new TreeMap<>();

    private BackupWriter(OutputStream raw, BackupRecipients to) throws IOException {
        this.raw = raw;
        this.counted = new CountedOutput(raw);
        byte[] key = SealFormat.newKey();
        BackupHeader header = BackupHeader.wrap(key, to);
        counted.write(header.encoded());
        this.sealing = new SealingStream(counted, key, header.context());
        Arrays.fill(key, (byte) 0);
        this.out = new DataOutputStream(new BufferedOutputStream(sealing, 8192));
        this.files = new FileRecord.Writer(out);
    }

    /** Begins a backup for these. */
    public static BackupWriter begin(OutputStream out, BackupRecipients to) throws IOException {
        return new BackupWriter(out, to);
    }

    /**
     * Adds a file: exactly {@code bytes} of the content, which is not closed.
     *
     * @throws IOException when the content is shorter, or it cannot be written
     */
    public void file(String path, long bytes, InputStream content) throws IOException {
        if (!BackupPath.isOne(path) || !paths.add(path)) {
            throw new BackupException(
                    "`" + path + "` cannot be named in a backup, is twice, or is one too many");
        }
        out.writeByte(FILE);
        files.file(path, bytes, content);
        counts.merge(
                BackupPath.group(path),
                new BackupManifest.Count(1, bytes),
                (before, _) -> before.plus(bytes));
    }

    /** Bytes written so far. */
    public long written() {
        return counted.count();
    }

    /**
     * Ends it: what is in it, and the signature.
     *
     * @param manifest all but the counts, which are this writer's
     */
    public BackupLabel end(BackupManifest manifest, BackupSigner signer) throws IOException {
        byte[] json = manifest.counted(counts).json();
        out.writeByte(MANIFEST);
        out.writeInt(json.length);
        out.write(json);
        out.flush();
        sealing.end();
        String vkey = signer.vkey();
        BackupLabel label =
                new BackupLabel(
                        vkey.substring(0, vkey.indexOf('+')),
                        vkey,
                        manifest.created(),
                        counted.count(),
                        counted.sha256());
        byte[] note = signer.sign(BackupLabel.KIND, label.lines()).getBytes(StandardCharsets.UTF_8);
        raw.write(note);
        raw.write(ByteBuffer.allocate(4).putInt(note.length).array());
        raw.flush();
        return label;
    }

    @Override
    public void close() {
        files.close();
    }
}

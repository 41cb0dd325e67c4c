package atlas.journal.search;

import atlas.core.crypto.Hashes;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import atlas.journal.store.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secret of one search index: what makes its terms blind and what its files are sealed under.
 * Kept beside the blocks, sealed by the vault; without it the index is made anew under another.
 * Thread-safe.
 */
public final class IndexKey {
    private static final Logger LOG = LoggerFactory.getLogger(IndexKey.class);
    private static final int BYTES = 32;
    private static final int MOST_REMEMBERED = 4096;

    private final byte[] files;
    private final byte[] terms;
    private final String origin;

    /** Fingerprints of what comes again and again; emptied when full. */
    private final Map<String, Long> remembered = new ConcurrentHashMap<>();

    private IndexKey(byte[] secret, String origin) {
        this.files = Hashes.hkdf(secret, new byte[0], "atlas journal index files", BYTES);
        this.terms = Hashes.hkdf(secret, new byte[0], "atlas journal index terms", BYTES);
        this.origin = origin;
    }

    /**
     * The key kept in {@code file}, or a new one, kept there if the vault can seal it now; else
     * what it makes is made anew by the next who opens the journal.
     */
    public static IndexKey openOrCreate(Path file, Sealer sealer, String origin, Disk disk)
            throws IOException {
        byte[] bound = ("atlas-journal-index-key/v1\n" + origin).getBytes(StandardCharsets.UTF_8);
        try {
            byte[] content = Files.readAllBytes(file);
            int length = Math.max(0, content.length - BYTES);
            return new IndexKey(sealer.open(Arrays.copyOf(content, length), bound), origin);
        } catch (NoSuchFileException | SealBrokenException e) {
            byte[] secret = random();
            try {
                disk.replace(file, withHash(sealer.seal(secret, bound)));
                disk.syncDirectory(Objects.requireNonNull(file.getParent()));
            } catch (KeyUnavailableException away) {
                LOG.atWarn().setCause(away).log("search index key not kept");
            }
            return new IndexKey(secret, origin);
        } catch (KeyUnavailableException e) {
            LOG.atWarn().setCause(e).log("search index key not opened");
            return new IndexKey(random(), origin);
        }
    }

    private static byte[] random() {
        byte[] secret = new byte[BYTES];
        new SecureRandom().nextBytes(secret);
        return secret;
    }

    /** Ends a file of the index with the SHA-256 of what it holds, for checks without a key. */
    static byte[] withHash(byte[] content) {
        byte[] whole = Arrays.copyOf(content, content.length + BYTES);
        System.arraycopy(Hashes.sha256(content).bytes(), 0, whole, content.length, BYTES);
        return whole;
    }

    /** The key one file is sealed under. */
    byte[] fileKey(byte[] salt, String name) {
        byte[] label = bound(name);
        byte[] message = Arrays.copyOf(salt, salt.length + label.length);
        System.arraycopy(label, 0, message, salt.length, label.length);
        return Hashes.hmacSha256(files, message);
    }

    private byte[] bound(String name) {
        return ("atlas-journal-index/v2\n" + origin + "\n" + name).getBytes(StandardCharsets.UTF_8);
    }

    /** The blind form of a value many entries share; 0 for the empty one. */
    public long shared(String field, String value) {
        if (value.isEmpty()) {
            return 0;
        }
        String name = field + "\n" + value;
        Long known = remembered.get(name);
        if (known == null) {
            known = fingerprint(name);
            if (remembered.size() >= MOST_REMEMBERED) {
                remembered.clear();
            }
            remembered.put(name, known);
        }
        return known;
    }

    /** The blind form of a value few entries share; 0 for the empty one. */
    public long rare(String field, String value) {
        return value.isEmpty() ? 0 : fingerprint(field + "\n" + value);
    }

    private long fingerprint(String name) {
        byte[] mac = Hashes.hmacSha256(terms, name.getBytes(StandardCharsets.UTF_8));
        long term = ByteBuffer.wrap(mac).getLong();
        return term == 0 ? 1 : term;
    }
}

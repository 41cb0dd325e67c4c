package atlas.vault;

import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.SealFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keyring on disk: sealed under a ring key of its own, which the KEK wraps. Four lines of text,
 * so that an operator sees what the file is and which KEK it needs; that line is bound to the rest.
 */
final class KeyringFile {
    static final String HEADER = "atlas keyring 2";
    private static final byte[] RING_KEY = "atlas ring key 1".getBytes(StandardCharsets.US_ASCII);
    private static final String BODY = "atlas keyring body 2\n";

    private final Path file;
    private final String kekUri;
    private final byte[] wrappedRingKey;
    private final SecretKeySpec ringKey;

    private KeyringFile(Path file, String kekUri, byte[] wrappedRingKey, SecretKeySpec ringKey) {
        this.file = file;
        this.kekUri = kekUri;
        this.wrappedRingKey = wrappedRingKey;
        this.ringKey = ringKey;
    }

    /** What {@link #open} found. */
    record Opened(KeyringFile file, Keyring keyring) {}

    static Opened open(Path file, KekProvider kek) {
        try {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return read(file, kek);
            }
            byte[] key = SealFormat.newKey();
            KeyringFile made = wrapped(file, key, kek);
            Arrays.fill(key, (byte) 0);
            made.save(Keyring.empty());
            return new Opened(made, Keyring.empty());
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static VaultException unreadable(Path file, IOException e) {
        return new VaultException("cannot read or write the keyring `" + file + "`", e);
    }

    /** The same file with its ring key under another KEK; not stored before {@link #save}. */
    KeyringFile under(KekProvider kek) {
        return wrapped(file, ringKey.getEncoded(), kek);
    }

    /**
     * Asks the holder for the ring key once more.
     *
     * @throws atlas.core.crypto.KeyUnavailableException when it does not give it
     * @throws SealBrokenException when it gives another
     */
    void probe(KekProvider kek) {
        byte[] key = kek.unwrap(wrappedRingKey, RING_KEY);
        boolean same = MessageDigest.isEqual(key, ringKey.getEncoded());
        Arrays.fill(key, (byte) 0);
        if (!same) {
            throw new SealBrokenException("`" + kek.uri() + "` is another key now", null);
        }
    }

    private static byte[] body(String kekUri) {
        return (BODY + kekUri).getBytes(StandardCharsets.UTF_8);
    }

    // A holder that wraps but does not unwrap would lose everything: it is asked for both.
    private static KeyringFile wrapped(Path file, byte[] key, KekProvider kek) {
        byte[] wrapped = kek.wrap(key, RING_KEY);
        byte[] back = kek.unwrap(wrapped, RING_KEY);
        boolean same = MessageDigest.isEqual(key, back);
        Arrays.fill(back, (byte) 0);
        if (!same) {
            throw new VaultException(
                    "`" + kek.uri() + "` does not give back what it wrapped", null);
        }
        return new KeyringFile(file, kek.uri(), wrapped, new SecretKeySpec(key, "HmacSHA256"));
    }

    /** What a keyring file says before it is believed. */
    private record Lines(String kekUri, byte[] wrapped, byte[] sealed) {}

    private static Lines lines(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        List<String> lines = text.lines().toList();
        if (lines.size() != 4 || !lines.getFirst().equals(HEADER)) {
            throw damaged(file, "is not an atlas keyring", null);
        }
        Lines read;
        try {
            read =
                    new Lines(
                            lines.get(1),
                            Base64.getDecoder().decode(lines.get(2)),
                            Base64.getDecoder().decode(lines.get(3)));
        } catch (IllegalArgumentException e) {
            throw damaged(file, "is damaged", e);
        }
        // Base64 and line ends have several spellings; only ours is accepted.
        if (!text.equals(text(read))) {
            throw damaged(file, "is damaged", null);
        }
        return read;
    }

    /**
     * The KEK a keyring names, to find its holder by; nothing vouches for it until it opens.
     *
     * @throws VaultException when the file is not a keyring
     */
    static Optional<String> kekUri(Path file) {
        try {
            return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                    ? Optional.of(lines(file).kekUri)
                    : Optional.empty();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static Opened read(Path file, KekProvider kek) throws IOException {
        Lines lines = lines(file);
        byte[] key;
        try {
            key = kek.unwrap(lines.wrapped, RING_KEY);
        } catch (SealBrokenException e) {
            throw new VaultException(
                    "the keyring `"
                            + file
                            + "` was altered, or made under another KEK than `"
                            + kek.uri()
                            + "`; bring back the KEK it was made under, or a backup",
                    e);
        }
        KeyringFile opened =
                new KeyringFile(
                        file, lines.kekUri, lines.wrapped, new SecretKeySpec(key, "HmacSHA256"));
        Arrays.fill(key, (byte) 0);
        try {
            return new Opened(
                    opened,
                    Keyring.parse(
                            SealFormat.open(opened.ringKey, lines.sealed, body(lines.kekUri))));
        } catch (SealBrokenException e) {
            throw damaged(file, "was altered", e);
        }
    }

    private static VaultException damaged(Path file, String what, @Nullable Exception cause) {
        return new VaultException(
                "the keyring `" + file + "` " + what + "; restore it from a backup", cause);
    }

    /** Stores the keyring durably, or leaves the old one in place. */
    void save(Keyring keyring) {
        byte[] sealed = SealFormat.seal(ringKey, 1, keyring.text(), body(kekUri));
        String text = text(new Lines(kekUri, wrappedRingKey, sealed));
        try {
            DurableFile.replace(file, text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new VaultException("cannot write the keyring `" + file + "`", e);
        }
    }

    private static String text(Lines lines) {
        Base64.Encoder base64 = Base64.getEncoder();
        return HEADER
                + "\n"
                + lines.kekUri
                + "\n"
                + base64.encodeToString(lines.wrapped)
                + "\n"
                + base64.encodeToString(lines.sealed)
                + "\n";
    }
}

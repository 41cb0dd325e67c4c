package atlas.vault;

import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.SealFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keyring on disk: sealed under a ring key of its own, which the KEK wraps. Three lines of
 * text, so that an operator sees what the file is and whose KEK it needs.
 */
final class KeyringFile {
    static final String HEADER = "atlas keyring 1";
    private static final byte[] RING_KEY = "atlas ring key 1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BODY = "atlas keyring body 1".getBytes(StandardCharsets.US_ASCII);

    private final Path file;
    private final byte[] wrappedRingKey;
    private final SecretKeySpec ringKey;

    private KeyringFile(Path file, byte[] wrappedRingKey, SecretKeySpec ringKey) {
        this.file = file;
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
            KeyringFile made =
                    new KeyringFile(
                            file, kek.wrap(key, RING_KEY), new SecretKeySpec(key, "HmacSHA256"));
            Arrays.fill(key, (byte) 0);
            made.save(Keyring.empty());
            return new Opened(made, Keyring.empty());
        } catch (IOException e) {
            throw new VaultException("cannot read or write the keyring `" + file + "`", e);
        }
    }

    private static Opened read(Path file, KekProvider kek) throws IOException {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        List<String> lines = text.lines().toList();
        if (lines.size() != 3 || !lines.getFirst().equals(HEADER)) {
            throw damaged(file, "is not an atlas keyring", null);
        }
        byte[] wrapped;
        byte[] sealed;
        try {
            wrapped = Base64.getDecoder().decode(lines.get(1));
            sealed = Base64.getDecoder().decode(lines.get(2));
        } catch (IllegalArgumentException e) {
            throw damaged(file, "is damaged", e);
        }
        // Base64 and line ends have several spellings; only ours is accepted.
        if (!text.equals(text(wrapped, sealed))) {
            throw damaged(file, "is damaged", null);
        }
        byte[] key;
        try {
            key = kek.unwrap(wrapped, RING_KEY);
        } catch (SealBrokenException e) {
            throw new VaultException(
                    "the keyring `"
                            + file
                            + "` was altered, or made under another KEK than `"
                            + kek.uri()
                            + "`; bring back the KEK it was made under, or a backup",
                    e);
        }
        KeyringFile opened = new KeyringFile(file, wrapped, new SecretKeySpec(key, "HmacSHA256"));
        Arrays.fill(key, (byte) 0);
        try {
            return new Opened(opened, Keyring.parse(SealFormat.open(opened.ringKey, sealed, BODY)));
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
        String text = text(wrappedRingKey, SealFormat.seal(ringKey, 1, keyring.text(), BODY));
        try {
            DurableFile.replace(file, text.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new VaultException("cannot write the keyring `" + file + "`", e);
        }
    }

    private static String text(byte[] wrapped, byte[] body) {
        Base64.Encoder base64 = Base64.getEncoder();
        return HEADER
                + "\n"
                + base64.encodeToString(wrapped)
                + "\n"
                + base64.encodeToString(body)
                + "\n";
    }
}

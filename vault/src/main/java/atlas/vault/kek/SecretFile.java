package atlas.vault.kek;

import atlas.core.Sensitive;
import atlas.core.crypto.KeyUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A secret that somebody else keeps fresh in a file: read anew for every use. */
record SecretFile(Path path) {
    private static final int MAX_BYTES = 64 << 10;

    /**
     * What the file says now, less one line end.
     *
     * @throws KeyUnavailableException when it cannot be read, is empty or absurdly long
     */
    Sensitive<String> read() {
        try (var in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            String text = new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
            if (text.endsWith("\n")) {
                text = text.substring(0, text.length() - (text.endsWith("\r\n") ? 2 : 1));
            }
            if (text.isEmpty() || bytes.length > MAX_BYTES) {
                throw new KeyUnavailableException(
                        "`"
                                + path
                                + "` should hold a secret and is "
                                + (text.isEmpty() ? "empty" : "too long"),
                        null);
            }
            return Sensitive.of(text);
        } catch (IOException e) {
            throw new KeyUnavailableException("`" + path + "` cannot be read", e);
        }
    }

    /**
     * A secret that is shown to a service. Whoever may name a key names this file and the service,
     * and must not thereby read other files: one with several lines, blanks or quotes, as key
     * files, certificates and JSON have, is not a secret of a service and is never sent.
     *
     * @throws KeyUnavailableException when it is no single word; the message does not show it
     */
    Sensitive<String> word() {
        Sensitive<String> read = read();
        if (read.reveal().chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"')) {
            return read;
        }
        throw new KeyUnavailableException(
                "`" + path + "` should hold a secret in one word, and nothing else", null);
    }
}

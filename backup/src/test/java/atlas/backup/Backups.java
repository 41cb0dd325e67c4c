package atlas.backup;

import atlas.tlog.NoteSigner;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Backups as tests make and read them. */
final class Backups {
    static final Instant CREATED = Instant.parse("2026-03-01T10:00:00Z");

    private final NoteSigner key = NoteSigner.generate("example.test/journal/1");

    String vkey() {
        return key.verifierKey().toString();
    }

    BackupSigner signer() {
        return new BackupSigner() {
            @Override
            public String vkey() {
                return Backups.this.vkey();
            }

            @Override
            public String sign(String kind, List<String> lines) {
                return key.sign(
                        kind
                                + "\n"
                                + key.verifierKey().name()
                                + "\n"
                                + String.join("\n", lines)
                                + "\n");
            }
        };
    }

    static BackupManifest manifest() {
        return new BackupManifest(CREATED, "", 0, "file:keys/kek", List.of(), Map.of());
    }

    BackupLabel write(Path file, BackupRecipients to, Map<String, byte[]> content)
            throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                BackupWriter writer = BackupWriter.begin(out, to)) {
            for (Map.Entry<String, byte[]> one : new TreeMap<>(content).entrySet()) {
                byte[] bytes = one.getValue();
                writer.file(one.getKey(), bytes.length, new ByteArrayInputStream(bytes));
            }
            return writer.end(manifest(), signer());
        }
    }

    static BackupRecipients only(BackupIdentity identity) {
        return new BackupRecipients(1, List.of(identity.recipient()));
    }
}

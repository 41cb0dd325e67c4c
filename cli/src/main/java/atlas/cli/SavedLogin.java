package atlas.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sign-ins of {@code atlas login}, in the user's configuration folder, mode 0600.
 *
 * <p>Each is for one installation, known by the digest of its trusted certificates: a token goes to
 * the servers it was fetched for and to no others. Held locked while it is changed, so that two
 * commands do not use one refresh token twice.
 */
final class SavedLogin implements AutoCloseable {
    private static final String FILE = "login.json";
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    private final Path folder;
    private final String installation;
    private final FileChannel channel;
    private final FileLock lock;
    private final ObjectNode all;

    private SavedLogin(
            Path folder, String installation, FileChannel channel, FileLock lock, ObjectNode all) {
        this.folder = folder;
        this.installation = installation;
        this.channel = channel;
        this.lock = lock;
        this.all = all;
    }

    /**
     * One sign-in.
     *
     * @param authority PEM file with the anchors of the issuer's server; null for public ones
     * @param refresh null when the issuer gave none
     */
    record Entry(
            String issuer,
            String clientId,
            @Nullable String authority,
            String access,
            Instant expires,
            @Nullable String refresh) {}

    /** Whether anybody has ever signed in here; false costs nothing more. */
    static boolean any() {
        return Files.exists(folder().resolve(FILE));
    }

    private static Path folder() {
        String given = System.getenv("XDG_CONFIG_HOME");
        Path base =
                given != null && !given.isBlank()
                        ? Path.of(given)
                        : Path.of(System.getProperty("user.home"), ".config");
        return base.resolve("atlas");
    }

    /** The sign-ins, for the installation that these certificates belong to. */
    static SavedLogin open(Path trusted) throws IOException {
        Path folder = folder();
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
        String installation = digest(Files.readAllBytes(trusted));
        FileChannel channel =
                FileChannel.open(
                        folder.resolve("login.lock"),
                        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        FileLock lock = channel.lock();
        return new SavedLogin(folder, installation, channel, lock, read(folder.resolve(FILE)));
    }

    private static ObjectNode read(Path file) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Remote.object().put("version", 1);
        }
        Set<PosixFilePermission> open = Files.getPosixFilePermissions(file);
        open.removeAll(OWNER_ONLY);
        if (!open.isEmpty()) {
            throw Stop.unknown(
                    "`" + file + "` can be used by others; run `chmod 600` on it, or delete it");
        }
        JsonNode read = Remote.JSON.readTree(Files.readAllBytes(file));
        if (!(read instanceof ObjectNode object) || object.path("version").asInt() != 1) {
            throw Stop.unknown("`" + file + "` is not understood; delete it and sign in again");
        }
        return object;
    }

    Optional<Entry> entry() {
        JsonNode saved = all.path("logins").path(installation);
        if (!saved.isObject()) {
            return Optional.empty();
        }
        return Optional.of(
                new Entry(
                        saved.path("issuer").asText(),
                        saved.path("client_id").asText(),
                        saved.hasNonNull("issuer_ca") ? saved.path("issuer_ca").asText() : null,
                        saved.path("access_token").asText(),
                        Instant.parse(saved.path("expires").asText()),
                        saved.hasNonNull("refresh_token")
                                ? saved.path("refresh_token").asText()
                                : null));
    }

    void put(Entry entry) throws IOException {
        ObjectNode saved = Remote.object();
        saved.put("issuer", entry.issuer());
        saved.put("client_id", entry.clientId());
        saved.put("issuer_ca", entry.authority());
        saved.put("access_token", entry.access());
        saved.put("expires", entry.expires().toString());
        saved.put("refresh_token", entry.refresh());
        all.withObjectProperty("logins").set(installation, saved);
        write();
    }

    void remove() throws IOException {
        all.withObjectProperty("logins").remove(installation);
        write();
    }

    private void write() throws IOException {
        Path fresh =
                Files.createTempFile(
                        folder, FILE, ".new", PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Files.write(fresh, Remote.JSON.writeValueAsBytes(all));
        Files.move(
                fresh,
                folder.resolve(FILE),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
        channel.close();
    }
}

package atlas.e2e;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * An unpacked and built Keycloak with the tests' realm in its database, made once and kept in the
 * user's cache: building and importing cost about 40 CPU-seconds, starting from this about 15.
 */
final class KeycloakHome {
    /** The version, and what the archive on Maven Central must be. */
    static final String VERSION = "26.7.3";

    private static final Path REALM =
            Running.root().resolve("e2e/src/test/resources/keycloak/atlas-realm.json");
    private static final String HEAP = "-Xms64m -Xmx384m";

    private KeycloakHome() {}

    static Path peers() {
        String given = System.getenv("ATLAS_PEERS");
        String cache = System.getenv("XDG_CACHE_HOME");
        return given != null
                ? Path.of(given)
                : (cache != null
                                ? Path.of(cache)
                                : Path.of(System.getProperty("user.home"), ".cache"))
                        .resolve("atlas/peers");
    }

    private static Path archive() {
        return peers().resolve("keycloak-quarkus-dist-" + VERSION + ".zip");
    }

    static boolean available() {
        return Files.exists(archive());
    }

    /** Its folder, made when it is not there or was made for another realm file. */
    static Path prepared() throws Exception {
        String realm = HexFormat.of().formatHex(sha256(Files.readAllBytes(REALM)), 0, 6);
        Path home = peers().resolve("keycloak-" + VERSION + "-" + realm);
        try (FileChannel channel =
                        FileChannel.open(
                                peers().resolve("keycloak.lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            if (!Files.exists(home)) {
                make(home);
            }
        }
        return home;
    }

    private static void make(Path home) throws Exception {
        Path partial = home.resolveSibling(home.getFileName() + ".partial");
        delete(partial);
        Files.createDirectories(partial);
        Path log = partial.resolve("prepare.log");
        run(List.of("unzip", "-q", archive().toString(), "-d", partial.toString()), partial, log);
        Path unpacked = partial.resolve("keycloak-" + VERSION);
        run(kc(unpacked, "build", "--db=dev-file", "--https-client-auth=request"), unpacked, log);
        run(kc(unpacked, "import", "--optimized", "--file=" + REALM), unpacked, log);
        Files.move(unpacked, home);
        delete(partial);
    }

    static List<String> kc(Path home, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of("bash", home.resolve("bin/kc.sh").toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    static ProcessBuilder process(List<String> command, Path folder, Path log) {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS_KC_HEAP", HEAP);
        builder.environment().put("JAVA_OPTS_APPEND", "-XX:TieredStopAtLevel=1");
        builder.environment().put("KC_BOOTSTRAP_ADMIN_USERNAME", Keycloak.ADMIN);
        builder.environment().put("KC_BOOTSTRAP_ADMIN_PASSWORD", Keycloak.ADMIN);
        return builder;
    }

    private static void run(List<String> command, Path folder, Path log) throws Exception {
        Process process = process(command, folder, log).start();
        if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError(command + " failed:\n" + Files.readString(log));
        }
    }

    private static byte[] sha256(byte[] bytes) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Why it cannot be had; empty when it can. */
    static Optional<String> obstacle() {
        return available()
                ? Optional.empty()
                : Optional.of("this test needs Keycloak: `./verify` fetches " + archive());
    }
}

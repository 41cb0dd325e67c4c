package atlas.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A certificate authority of the tests' own, made with openssl, for peers on loopback. */
final class TestAuthority {
    private final Path folder;

    private TestAuthority(Path folder) {
        this.folder = folder;
    }

    static TestAuthority in(Path folder) throws Exception {
        TestAuthority authority = new TestAuthority(Files.createDirectories(folder));
        authority.openssl(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out"
                        + " ca.pem -days 2 -subj /CN=atlas-test-peers -addext"
                        + " basicConstraints=critical,CA:TRUE -addext"
                        + " keyUsage=critical,keyCertSign");
        return authority;
    }

    Path root() {
        return folder.resolve("ca.pem");
    }

    Path certificate(String name) {
        return folder.resolve(name + ".pem");
    }

    Path key(String name) {
        return folder.resolve(name + ".key");
    }

    /** A server's certificate for localhost. */
    void issue(String name) throws Exception {
        Files.writeString(
                folder.resolve(name + ".ext"),
                "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n");
        openssl(
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "
                        + name
                        + ".key -out "
                        + name
                        + ".csr -subj /CN=localhost");
        openssl(
                "x509 -req -in "
                        + name
                        + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out "
                        + name
                        + ".pem -extfile "
                        + name
                        + ".ext");
    }

    private void openssl(String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments.split(" ")));
        Path log = folder.resolve("openssl.log");
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        if (process.waitFor() != 0) {
            throw new AssertionError("openssl " + arguments + ":\n" + Files.readString(log));
        }
    }
}

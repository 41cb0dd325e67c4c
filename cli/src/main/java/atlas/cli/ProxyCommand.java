package atlas.cli;

import atlas.cli.proxy.LocalProxy;
import atlas.cli.proxy.ProxyException;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.runtime.Dumps;
import atlas.runtime.Logs;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A helper on loopback that holds a sender-constrained token for unmodified SDKs. */
@Command(
        name = "proxy",
        description =
                "Hold a sender-constrained token on this machine, so that unmodified SDKs can use"
                        + " it.",
        footer =
                "%nExample:%n  atlas proxy --credential key.txt%n  OPENAI_BASE_URL=…"
                        + " OPENAI_API_KEY=… NODE_EXTRA_CA_CERTS=… node app.mjs")
final class ProxyCommand extends AtlasCommand {
    @Option(
            names = "--port",
            paramLabel = "N",
            description = "where to listen on 127.0.0.1 (default: ${DEFAULT-VALUE}; 0: any)",
            defaultValue = "8470")
    private int port = 8470;

    @Option(
            names = "--client-cert",
            paramLabel = "FILE",
            description =
                    "a client certificate and its chain, PEM; the credential, without another")
    private @Nullable Path certificate;

    @Option(names = "--client-key", paramLabel = "FILE", description = "its private key, PEM")
    private @Nullable Path key;

    @Option(names = "--role", paramLabel = "R", description = "narrow the token to this role")
    private @Nullable String role;

    @Option(
            names = "--model",
            paramLabel = "GLOB",
            description = "narrow the token to these models; may be repeated")
    private List<String> models = List.of();

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description =
                    "where the CA and the local key are written (default: proxy/ of the home)")
    private @Nullable Path directory;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Dumps.refuse();
        Logs.text();
        if ((certificate == null) != (key == null)) {
            throw Stop.usage("--client-cert and --client-key go together");
        }
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Thread hook = new Thread(() -> UpCommand.stop(told, stopped), "atlas-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try (LocalProxy proxy = LocalProxy.start(port, upstream(), Clock.systemUTC())) {
            ready(proxy);
            told.await();
        } catch (ProxyException e) {
            String why = String.valueOf(e.getMessage());
            throw e.refused() ? Stop.no(why) : Stop.unknown(why);
        } finally {
            stopped.countDown();
        }
        return Main.YES;
    }

    private LocalProxy.Upstream upstream() {
        URI gateway = Remote.address(shared(), shared().gateway(), "gateway");
        HttpClient client =
                certificate == null || key == null
                        ? Remote.client(shared())
                        : Remote.client(
                                shared(),
                                Optional.of(
                                        new Remote.Shown(
                                                Pem.privateKey(key),
                                                Pem.certificates(certificate))));
        return new LocalProxy.Upstream(client, gateway, this::credential, scope());
    }

    // Read anew each time: a key is rotated by writing the file anew.
    private Optional<Sensitive<String>> credential() {
        boolean another = shared().credential() != null || System.getenv("ATLAS_KEY") != null;
        return certificate != null && !another
                ? Optional.empty()
                : Optional.of(Sensitive.of(Remote.credential(shared(), Role.CONSUMER)));
    }

    private String scope() {
        List<String> scopes = new ArrayList<>();
        if (role != null) {
            scopes.add("role:" + role);
        }
        models.forEach(model -> scopes.add("model:" + model));
        return String.join(" ", scopes);
    }

    private void ready(LocalProxy proxy) throws IOException {
        Path given = directory;
        Path dir = given != null ? given : shared().home().resolve("proxy");
        Files.createDirectories(
                dir,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path ca = dir.resolve("ca.pem");
        Path secret = dir.resolve("api-key");
        write(ca, Pem.text(proxy.root()));
        write(secret, proxy.localKey().reveal() + "\n");
        String base = proxy.address() + "/v1";
        if (terminal().json()) {
            ObjectNode event = Remote.object();
            event.put("event", "ready");
            event.put("base_url", base);
            event.put("ca", ca.toString());
            event.put("api_key_file", secret.toString());
            terminal().print(event.toString());
            return;
        }
        terminal().print("ready");
        terminal().print("  base URL  " + base);
        terminal().print("  trust     " + ca);
        terminal().print("  API key   in " + secret + "  (of this machine and this start only)");
    }

    private static void write(Path file, String text) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(next);
        Files.createFile(
                next,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(next, text.getBytes(StandardCharsets.US_ASCII));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }
}

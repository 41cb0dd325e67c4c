package atlas.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Signing in as oneself, with the provider that the server names. */
@Command(
        name = "login",
        description = {
            "Sign in with the provider that the server names.",
            "Shows a page to open and a code to enter there, on any device. Other commands then"
                    + " speak for you when no key is given."
        },
        footer = "%nExample:%n  atlas login --control https://atlas.example:9443")
final class LoginCommand extends AtlasCommand {
    @Option(
            names = "--issuer",
            paramLabel = "URL",
            description = "the OpenID issuer (default: the one the control plane names)")
    private @Nullable String issuer;

    @Option(
            names = "--client-id",
            paramLabel = "ID",
            description = "the client to sign in as (default: likewise)")
    private @Nullable String clientId;

    @Option(
            names = "--scope",
            paramLabel = "S",
            description = "a scope to ask for beside openid; may be repeated")
    private List<String> scopes = new ArrayList<>();

    @Option(
            names = "--issuer-ca",
            paramLabel = "FILE",
            description =
                    "trusted certificates of the issuer's server, PEM (default: those of the Java"
                            + " runtime)")
    private @Nullable Path authority;

    @Override
    public Integer call() {
        if ((issuer == null) != (clientId == null)) {
            throw Stop.usage("`--issuer` and `--client-id` are given together or not at all");
        }
        JsonNode device = issuer == null ? named() : Remote.object();
        String at = issuer == null ? device.path("issuer").asText() : issuer;
        String as = clientId == null ? device.path("client_id").asText() : clientId;
        Set<String> wanted = new LinkedHashSet<>(List.of("openid"));
        device.path("scopes").forEach(scope -> wanted.add(scope.asText()));
        wanted.addAll(scopes);
        String anchors = authority == null ? null : authority.toAbsolutePath().toString();
        SavedLogin.Entry entry;
        try (DeviceFlow flow = DeviceFlow.with(at, as, anchors)) {
            entry = flow.signIn(String.join(" ", wanted), this::show);
        }
        // Opened when there is something to keep: other commands wait while it is.
        try (SavedLogin saved = SavedLogin.open(shared().ca())) {
            saved.put(entry);
            ObjectNode done = Remote.object();
            done.put("event", "signed-in");
            done.put("issuer", entry.issuer());
            done.put("expires", entry.expires().toString());
            done.put("refreshes", entry.refresh() != null);
            terminal().object(done);
        } catch (IOException e) {
            throw Stop.unknown("cannot keep the sign-in: " + e.getMessage());
        }
        return Main.YES;
    }

    private JsonNode named() {
        JsonNode device = Remote.stranger(shared()).read("/login/providers").path("device");
        if (!device.isObject()) {
            throw Stop.usage(
                    "the server names no provider for `atlas login`; configure `login.device`, or"
                            + " give `--issuer` and `--client-id`");
        }
        return device;
    }

    private void show(String page, String code, @Nullable String whole) {
        if (terminal().json()) {
            ObjectNode line = Remote.object();
            line.put("event", "code");
            line.put("verification_uri", page);
            line.put("user_code", code);
            line.put("verification_uri_complete", whole);
            terminal().object(line);
            return;
        }
        terminal().say("atlas: open " + page + " and enter the code  " + code);
        if (whole != null) {
            terminal().say("       or open " + whole);
        }
    }
}

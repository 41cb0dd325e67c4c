package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code atlas login} signs a person in from a terminal, by a real Keycloak's device flow. */
class DeviceLoginTest {
    private static SingleSignOn sso;

    @TempDir private Path config;

    @BeforeAll
    static void start() throws Exception {
        sso = SingleSignOn.shared();
        sso.grant("audrey", "auditor");
    }

    private Map<String, String> environment() {
        return Map.of("XDG_CONFIG_HOME", config.toString());
    }

    private Running.Said atlas(String... arguments) throws Exception {
        return Running.run(Running.command(sso.atlas.home(), arguments), environment());
    }

    private JsonNode login() throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Running.command(
                                sso.atlas.home(),
                                "--output",
                                "json",
                                "login",
                                "--issuer-ca",
                                sso.authority.root().toString()));
        builder.environment().putAll(environment());
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader out = process.inputReader()) {
            JsonNode code = Running.JSON.readTree(out.readLine());
            assertThat(code.path("event").asText()).isEqualTo("code");
            assertThat(code.path("user_code").asText()).isNotEmpty();
            try (Browser browser =
                    Browser.run(
                            "device-login.mjs",
                            code.path("verification_uri_complete").asText(),
                            sso.authority.root().toString(),
                            "audrey",
                            Keycloak.password("audrey"))) {
                browser.next("let-in");
            }
            JsonNode done = Running.JSON.readTree(out.readLine());
            assertThat(process.waitFor()).isZero();
            return done;
        }
    }

    @Test
    void aPersonSignsInAtATerminalAndOtherCommandsSpeakForThem() throws Exception {
        JsonNode done = login();
        assertThat(done.path("event").asText()).isEqualTo("signed-in");
        assertThat(done.path("refreshes").asBoolean()).isTrue();

        JsonNode who = atlas("--output", "json", "whoami").json();
        assertThat(who.path("principal").asText()).isEqualTo(sso.principal("audrey"));
        assertThat(who.path("roles").toString()).isEqualTo("[\"auditor\"]");
        Path file = config.resolve("atlas/login.json");
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));

        ObjectNode saved = (ObjectNode) Running.JSON.readTree(Files.readString(file));
        String before = saved.toString();
        saved.path("logins")
                .forEach(entry -> ((ObjectNode) entry).put("expires", "2020-01-01T00:00:00Z"));
        Files.writeString(file, saved.toString());
        assertThat(atlas("whoami").status()).as("a token that ended is renewed").isZero();
        assertThat(Files.readString(file)).isNotEqualTo(before).doesNotContain("2020-01-01");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(atlas("whoami").err()).contains("can be used by others");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        assertThat(atlas("--output", "json", "logout").json().path("revoked").asBoolean()).isTrue();
        assertThat(Files.readString(file)).doesNotContain("refresh_token");
        assertThat(atlas("logout").status()).isEqualTo(1);
        assertThat(atlas("--output", "json", "whoami").json().path("principal").asText())
                .as("without a sign-in, the bootstrap key speaks")
                .startsWith("bootstrap-");
    }
}

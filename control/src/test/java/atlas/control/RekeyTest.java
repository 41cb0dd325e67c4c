package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Role;
import atlas.vault.VaultSettings;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Moving a vault from one key to another, as the API and the next start see it. */
class RekeyTest {
    @TempDir Path folder;

    private static VaultSettings naming(String kek) {
        VaultSettings usual = VaultSettings.defaults();
        return new VaultSettings(
                Optional.of(kek),
                usual.checkInterval(),
                usual.cache(),
                usual.rotateEvery(),
                List.of());
    }

    private static String to(String kek) {
        return "{\"to\":\"" + kek + "\"}";
    }

    @Test
    void aConfigurationThatNamesTheFormerKeyIsWarnedOfAndThenMended() throws Exception {
        Path home = folder.resolve("home");
        VaultSettings before = naming("file:keys/kek");
        try (Installation atlas = new Installation(home, before)) {
            JsonNode done =
                    atlas.json(
                            Role.SECURITY_ADMIN,
                            "POST",
                            "/api/v1/vault/rekey",
                            to("file:keys/kek-2"));
            assertThat(done.path("kek").asText()).isEqualTo("file:keys/kek-2");
            assertThat(done.path("warning").asText())
                    .contains("names `file:keys/kek`", "`kek: \"file:keys/kek-2\"`");
            JsonNode back =
                    atlas.json(
                            Role.SECURITY_ADMIN,
                            "POST",
                            "/api/v1/vault/rekey",
                            to("file:keys/kek"));
            assertThat(back.has("warning")).isFalse();
            atlas.json(Role.SECURITY_ADMIN, "POST", "/api/v1/vault/rekey", to("file:keys/kek-2"));
        }
        assertThatThrownBy(() -> open(home, before))
                .isInstanceOf(TrustRootException.class)
                .hasMessageContaining("still names `file:keys/kek`")
                .hasMessageContaining("write `kek: \"file:keys/kek-2\"` there");
        open(home, naming("file:keys/kek-2")).close();
    }

    private static TrustRoot open(Path home, VaultSettings vault) {
        return TrustRoot.openOrCreate(home, Installation.keeping(vault), Clock.systemUTC());
    }

    @Test
    void noFileOfTheMachineIsSentToAHostThatTheCallerNames() throws Exception {
        Path token = Files.writeString(folder.resolve("somebody-elses-token"), "s.word");
        try (Installation atlas =
                new Installation(folder.resolve("home"), VaultSettings.defaults())) {
            HttpResponse<String> refused =
                    atlas.send(
                            Role.SECURITY_ADMIN,
                            "POST",
                            "/api/v1/vault/rekey",
                            to("vault-transit:https://127.0.0.1:1/transit/k?token-file=" + token));
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
            assertThat(refused.body()).contains("vault.secret-files").doesNotContain("s.word");
        }
    }
}

package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.JournalRead;
import atlas.core.Role;
import atlas.journal.Journal;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlFaultTest {
    @TempDir private Path folder;

    @Test
    void nothingIsDoneThatTheJournalCannotRecord() throws Exception {
        try (Installation atlas = new Installation(folder.resolve("home"))) {
            List<String> before =
                    atlas.trust.apiKeys().list().stream().map(key -> key.toString()).toList();
            int grants = atlas.trust.grants().all().size();
            atlas.trust.journal().close();

            HttpResponse<String> issue =
                    atlas.send(
                            Role.SECURITY_ADMIN,
                            "POST",
                            "/api/v1/keys",
                            "{\"principal\":\"x\",\"roles\":[\"auditor\"]}");
            HttpResponse<String> grant =
                    atlas.send(
                            Role.SECURITY_ADMIN,
                            "POST",
                            "/api/v1/grants",
                            "{\"principal\":\"x\",\"role\":\"auditor\"}");
            HttpResponse<String> remove =
                    atlas.send(Role.SECURITY_ADMIN, "DELETE", "/api/v1/bootstrap", null);
            HttpResponse<String> read =
                    atlas.send(Role.AUDITOR, "GET", "/api/v1/journal/entries", null);

            for (HttpResponse<String> answer : List.of(issue, grant, remove, read)) {
                assertThat(answer.statusCode()).isEqualTo(503);
            }
            assertThat(atlas.trust.apiKeys().list().stream().map(key -> key.toString()))
                    .isEqualTo(before);
            assertThat(atlas.trust.grants().all()).hasSize(grants);
            assertThat(atlas.trust.bootstrapPresent()).isTrue();
            assertThat(atlas.send((String) null, "GET", "/api/v1/whoami", null).statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void aJournalThatCannotBeReadIsUnavailable() throws Exception {
        Path home = folder.resolve("home");
        try (Installation atlas = new Installation(home)) {
            Journal journal = atlas.trust.journal();
            for (int i = 0; i < 300; i++) {
                journal.append(new JournalRead("req_" + i, Actor.system("test"), "", 0));
            }
            journal.checkpointNow();
            Files.delete(home.resolve("journal/tile/entries/000"));

            HttpResponse<String> answer =
                    atlas.send(Role.AUDITOR, "GET", "/api/v1/journal/entries/0", null);

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        }
    }

    @Test
    void removingTheBootstrapCredentialsEndsThemAtOnce() throws Exception {
        try (Installation atlas = new Installation(folder.resolve("home"))) {
            assertThat(atlas.json(Role.OPERATOR, "GET", "/api/v1/status", null).get("warnings"))
                    .isNotEmpty();

            HttpResponse<String> removed =
                    atlas.send(Role.SECURITY_ADMIN, "DELETE", "/api/v1/bootstrap", null);

            assertThat(removed.statusCode()).isEqualTo(200);
            for (Role role : Role.builtIn()) {
                assertThat(atlas.send(role, "GET", "/api/v1/whoami", null).statusCode())
                        .isEqualTo(401);
            }
            assertThat(folder.resolve("home/bootstrap.json")).doesNotExist();
        }
    }
}

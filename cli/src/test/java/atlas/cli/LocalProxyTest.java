package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.cli.Planes.Plane;
import atlas.cli.proxy.LocalProxy;
import atlas.cli.proxy.ProxyException;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.journal.JournalEntry;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The helper on loopback, against a whole installation. */
class LocalProxyTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path temp;

    private static LocalProxy proxy(Planes planes, AtomicReference<String> key, String scope)
            throws ProxyException {
        return LocalProxy.start(
                0,
                new LocalProxy.Upstream(
                        planes.client(),
                        planes.at(Plane.GATEWAY),
                        () -> Optional.ofNullable(key.get()).map(Sensitive::of),
                        scope),
                Clock.systemUTC());
    }

    private static HttpClient trusting(LocalProxy proxy) throws Exception {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        anchors.setCertificateEntry("proxy", proxy.root());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static HttpResponse<String> chat(LocalProxy proxy, HttpClient client, String key)
            throws Exception {
        String body =
                JSON.writeValueAsString(
                        Map.of(
                                "model",
                                Planes.MODEL,
                                "messages",
                                List.of(Map.of("role", "user", "content", "hello"))));
        HttpRequest.Builder request =
                HttpRequest.newBuilder(proxy.address().resolve("/v1/chat/completions"))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!key.isEmpty()) {
            request.header("authorization", "Bearer " + key);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static JsonNode admin(Planes planes, String method, String path, Object body)
            throws Exception {
        URI uri = planes.at(Plane.CONTROL).resolve(path);
        HttpRequest request =
                HttpRequest.newBuilder(uri)
                        .header("authorization", "Bearer " + planes.key(Role.SECURITY_ADMIN))
                        .header("content-type", "application/json")
                        .method(
                                method,
                                HttpRequest.BodyPublishers.ofString(
                                        body instanceof String s
                                                ? s
                                                : JSON.writeValueAsString(body)))
                        .build();
        return JSON.readTree(planes.client().send(request, BodyHandlers.ofString()).body());
    }

    @Test
    void holdsATokenForProgramsThatKnowOnlyApiKeys() throws Exception {
        try (Planes planes = new Planes(temp)) {
            AtomicReference<String> credential = new AtomicReference<>(planes.key(Role.CONSUMER));
            String tokenId;
            try (LocalProxy proxy = proxy(planes, credential, "role:consumer")) {
                HttpClient client = trusting(proxy);
                String local = proxy.localKey().reveal();

                HttpResponse<String> answer = chat(proxy, client, local);
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                assertThat(answer.body()).contains("hello");
                assertThat(answer.headers().firstValue("x-request-id")).isPresent();
                int before = planes.forwarded();
                for (String wrong :
                        List.of("", "x", planes.key(Role.CONSUMER), local + "x", "atlas-local-")) {
                    assertThat(chat(proxy, client, wrong).statusCode()).isEqualTo(401);
                }
                assertThat(planes.forwarded()).as("nobody else is forwarded").isEqualTo(before);

                // A token that was taken back is replaced as long as the credential holds.
                tokenId = lastToken(planes);
                admin(
                        planes,
                        "POST",
                        "/api/v1/revocations",
                        Map.of("kind", "token", "id", tokenId));
                assertThat(chat(proxy, client, local).statusCode()).isEqualTo(200);
            }
            List<JsonNode> facts = new ArrayList<>();
            for (JournalEntry entry : planes.closeAndRead()) {
                facts.add(JSON.readTree(entry.json()));
            }
            assertThat(facts)
                    .filteredOn(fact -> fact.path("kind").asText().equals("token.issued"))
                    .hasSizeGreaterThanOrEqualTo(2)
                    .allMatch(fact -> fact.path("bound_to").asText().equals("dpop"));
            assertThat(facts)
                    .filteredOn(fact -> fact.path("kind").asText().equals("inference.intent"))
                    .isNotEmpty()
                    .allMatch(fact -> fact.toString().contains("atlas_token"));
        }
    }

    private static String lastToken(Planes planes) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(
                                planes.at(Plane.CONTROL)
                                        .resolve(
                                                "/api/v1/journal/entries?kind=token.issued&limit=1"))
                        .header("authorization", "Bearer " + planes.key(Role.AUDITOR))
                        .build();
        String body = planes.client().send(request, BodyHandlers.ofString()).body();
        JsonNode id = JSON.readTree(body).findValue("token_id");
        assertThat(id).as(body).isNotNull();
        return id.asText();
    }

    @Test
    void aRevokedCredentialEndsWhatTheProxyCanDo() throws Exception {
        try (Planes planes = new Planes(temp)) {
            admin(
                    planes,
                    "POST",
                    "/api/v1/grants",
                    Map.of("principal", "app", "role", "consumer", "models", List.of("*")));
            JsonNode key =
                    admin(
                            planes,
                            "POST",
                            "/api/v1/keys",
                            Map.of(
                                    "principal",
                                    "app",
                                    "roles",
                                    List.of("consumer"),
                                    "models",
                                    List.of("*")));
            AtomicReference<String> credential = new AtomicReference<>(key.path("key").asText());
            try (LocalProxy proxy = proxy(planes, credential, "")) {
                HttpClient client = trusting(proxy);
                String local = proxy.localKey().reveal();
                assertThat(chat(proxy, client, local).statusCode()).isEqualTo(200);
                admin(planes, "DELETE", "/api/v1/keys/" + key.path("id").asText(), "");
                int before = planes.forwarded();
                HttpResponse<String> refused = chat(proxy, client, local);
                assertThat(refused.statusCode()).isEqualTo(401);
                assertThat(refused.body()).contains("\"invalid_credential\"");
                assertThat(planes.forwarded()).isEqualTo(before);
                // A key written anew is read at the next need.
                credential.set(planes.key(Role.CONSUMER));
                assertThat(chat(proxy, client, local).statusCode()).isEqualTo(200);
            }
            assertThatThrownBy(() -> proxy(planes, new AtomicReference<>("nonsense"), "").close())
                    .isInstanceOf(ProxyException.class)
                    .satisfies(e -> assertThat(((ProxyException) e).refused()).isTrue());
        }
    }
}

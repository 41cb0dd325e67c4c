package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A provider that shares nothing with the first works by configuration alone. */
class SecondProviderTest {
    private static SingleSignOn sso;
    private static SecondProvider provider;
    private static String console;

    @BeforeAll
    static void start() throws Exception {
        sso = SingleSignOn.shared();
        console = sso.atlas.control("").toString();
        provider = SecondProvider.start(sso.second, sso.authority, console, sso.atlas.ca());
    }

    @AfterAll
    static void stop() throws Exception {
        if (provider != null) {
            provider.close();
        }
    }

    @Test
    void aPersonSignsInAndTheProviderSignsThemOut() throws Exception {
        try (Browser browser =
                Browser.run(
                        "second-login.mjs",
                        console,
                        sso.atlas.ca().toString(),
                        provider.issuer(),
                        sso.authority.root().toString(),
                        "second",
                        "zoe")) {
            assertThat(browser.next("signed-in").path("who").asText())
                    .startsWith("oidc:" + provider.issuer() + "#zoe")
                    .endsWith("auditor");
            assertThat(browser.next("ended").path("why").asText()).contains("signed out");
        }
    }

    @Test
    void aServiceCallsWithATokenOfItsClientCredentials() throws Exception {
        String basic =
                Base64.getEncoder()
                        .encodeToString(
                                "batch:test-secret-of-batch".getBytes(StandardCharsets.UTF_8));
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(provider.issuer() + "/token"))
                        .header("authorization", "Basic " + basic)
                        .header("content-type", "application/x-www-form-urlencoded")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        "grant_type=client_credentials&resource=urn:atlas"))
                        .build();
        String token =
                Running.JSON
                        .readTree(
                                sso.keycloak
                                        .client()
                                        .send(request, HttpResponse.BodyHandlers.ofString())
                                        .body())
                        .path("access_token")
                        .asText();
        Running.Said granted =
                Running.run(
                        sso.atlas.home(),
                        "role",
                        "grant",
                        "--principal",
                        "oidc:" + provider.issuer() + "#batch",
                        "--role",
                        "consumer",
                        "--model",
                        "*");
        assertThat(granted.status()).as(granted.err()).isZero();
        assertThat(sso.atlas.get(sso.atlas.gateway("/v1/models"), token).statusCode())
                .isEqualTo(200);
    }
}

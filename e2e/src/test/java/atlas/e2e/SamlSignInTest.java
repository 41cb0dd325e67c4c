package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * "SAML 2.0 sign-in": a person in a real browser, a real Keycloak that signs and encrypts, and both
 * ways of signing out.
 */
class SamlSignInTest {
    private static final String ENCRYPTION = "http://www.w3.org/2009/xmlenc11#";

    private static SingleSignOn sso;

    @BeforeAll
    static void start() throws Exception {
        Peers.need("chromium");
        Peers.needSdk("playwright-core");
        sso = SingleSignOn.shared();
        register(sso.atlas.control("/"), metadata());
    }

    private static String metadata() throws Exception {
        HttpResponse<String> response =
                sso.atlas
                        .client()
                        .send(
                                HttpRequest.newBuilder(sso.atlas.control("/saml/metadata")).build(),
                                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    // What an administrator copies from our metadata into the provider's client.
    private static void register(URI atlas, String metadata) throws Exception {
        ObjectNode client = (ObjectNode) sso.keycloak.registered(SingleSignOn.SAML_CLIENT);
        client.withArray("redirectUris")
                .removeAll()
                .add(atlas + "saml/acs")
                .add(atlas + "saml/slo");
        ObjectNode attributes = (ObjectNode) client.get("attributes");
        Map.of(
                        "saml_assertion_consumer_url_post", atlas + "saml/acs",
                        "saml_single_logout_service_url_post", atlas + "saml/slo",
                        "saml_single_logout_service_url_redirect", atlas + "saml/slo",
                        "saml.force.post.binding", "false",
                        "saml.signing.certificate", certificate(metadata, "signing"),
                        "saml.encryption.certificate", certificate(metadata, "encryption"),
                        "saml.encryption.keyAlgorithm", ENCRYPTION + "rsa-oaep",
                        "saml.encryption.digestMethod", "http://www.w3.org/2001/04/xmlenc#sha256",
                        "saml.encryption.maskGenerationFunction", ENCRYPTION + "mgf1sha256")
                .forEach(attributes::put);
        sso.keycloak.admin("PUT", "/clients/" + client.get("id").asText(), client);
    }

    private static String certificate(String metadata, String use) {
        Matcher matcher =
                Pattern.compile(
                                "use=\"" + use + "\".*?<ds:X509Certificate>([^<]+)<",
                                Pattern.DOTALL)
                        .matcher(metadata);
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    @Test
    void aPersonSignsInAndOutOfTheConsoleFromEitherSide() throws Exception {
        List<JsonNode> seen = new ArrayList<>();
        URI atlas = sso.atlas.control("/");
        Running.Said said =
                Running.run(
                        List.of(
                                "node",
                                Running.root().resolve("e2e/js/saml.mjs").toString(),
                                "https://localhost:" + atlas.getPort(),
                                sso.atlas.ca().toString(),
                                "https://localhost:" + sso.keycloak.issuer().getPort(),
                                sso.authority.root().toString(),
                                "audrey",
                                Keycloak.password("audrey")),
                        Map.of());
        for (String line : said.out().lines().toList()) {
            seen.add(Running.JSON.readTree(line));
        }
        assertThat(said.status()).as(said.out() + said.err()).isZero();
        assertThat(seen.stream().map(e -> e.path("event").asText()))
                .containsExactly(
                        "stranger",
                        "asked",
                        "signed-in",
                        "cookies",
                        "signed-out",
                        "asked",
                        "signed-in",
                        "signed-out-there");
        assertThat(status(seen)).containsExactly(401, 200, 401, 200, 401);
        JsonNode signedIn = seen.get(2);
        assertThat(signedIn.path("principal").asText())
                .isEqualTo("saml:" + sso.keycloak.issuer() + "#audrey");
        assertThat(signedIn.path("roles").toString()).isEqualTo("[\"auditor\"]");
        assertThat(signedIn.path("method").asText()).isEqualTo("saml");
        JsonNode cookies = seen.get(3).path("ours");
        assertThat(cookies).as("the cookie for the way is gone").hasSize(1);
        assertThat(cookies.get(0).path("name").asText()).isEqualTo("__Host-atlas-session");
        assertThat(cookies.get(0).path("sameSite").asText()).isEqualTo("Strict");
        assertThat(cookies.get(0).path("httpOnly").asBoolean()).isTrue();
        assertThat(seen.get(1).path("password").asBoolean()).isTrue();
        assertThat(seen.get(5).path("password").asBoolean())
                .as("signed out at the provider too")
                .isTrue();
        assertThat(endings()).contains("signed_out", "provider_logout");
    }

    private static List<Integer> status(List<JsonNode> seen) {
        return seen.stream()
                .filter(e -> e.has("status"))
                .map(e -> e.path("status").asInt())
                .toList();
    }

    private static List<String> endings() throws Exception {
        Running.Said journal =
                Running.run(
                        sso.atlas.home(),
                        "--output",
                        "json",
                        "journal",
                        "search",
                        "--kind",
                        "session.ended");
        assertThat(journal.status()).as(journal.err()).isZero();
        return journal.out()
                .lines()
                .map(line -> line.replaceAll(".*\"reason\":\"([a-z_]+)\".*", "$1"))
                .toList();
    }
}

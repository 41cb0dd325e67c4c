package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tokens of a real Keycloak are believed as configured, and not one claim further. */
class BelievedIssuerTest {
    private static SingleSignOn sso;

    @BeforeAll
    static void start() throws Exception {
        sso = SingleSignOn.shared();
    }

    private static String token(String client) throws Exception {
        return sso.keycloak
                .oidc(
                        "token",
                        Map.of(
                                "grant_type",
                                "client_credentials",
                                "client_id",
                                client,
                                "client_secret",
                                "test-secret-of-" + client))
                .path("access_token")
                .asText();
    }

    private static HttpResponse<String> models(String token) throws Exception {
        return sso.atlas.get(sso.atlas.gateway("/v1/models"), token);
    }

    @Test
    void aServiceAccountIsWhoItsIssuerSaysAndReachesWhatItWasGranted() throws Exception {
        String token = token("atlas-service");
        JsonNode who =
                Running.JSON.readTree(
                        sso.atlas.get(sso.atlas.control("/api/v1/whoami"), token).body());
        assertThat(who.path("detail").asText()).as("nothing is granted yet").contains("whoami");
        sso.grant("service-account-atlas-service", "consumer");
        assertThat(models(token).statusCode()).isEqualTo(200);
        assertThat(models(token + "x").statusCode()).isEqualTo(401);
    }
}

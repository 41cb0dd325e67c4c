package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.ApiKeys;
import atlas.identity.ApiKeys.Cadence;
import atlas.identity.Authentication;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authenticator;
import atlas.identity.Authenticator.OwnTokens.Look;
import atlas.identity.JwtIssuers;
import atlas.identity.Presented;
import atlas.identity.WorkloadTrust;
import atlas.identity.revocation.Revocations.Revocation.Kind;
import atlas.identity.token.TokenExchange;
import atlas.identity.token.TokenExchange.Outcome;
import atlas.runtime.http.UpstreamResponse;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that a gateway orders and the control plane signs, over real mutual TLS. */
class TokenLinkTest {
    private static final Presented.Request REQUEST =
            new Presented.Request(
                    Presented.Request.GATEWAY, "POST", "gw.test", "/oauth2/token", "192.0.2.7");

    @TempDir private Path folder;

    private final Clock clock = Clock.systemUTC();
    private Installation atlas;
    private Enrolling enrolling;

    @BeforeEach
    void start() throws Exception {
        atlas = new Installation(folder.resolve("control"));
        enrolling = new Enrolling(atlas, folder, Duration.ofSeconds(30), clock);
    }

    @AfterEach
    void stop() {
        atlas.close();
    }

    private static Presented bearer(String text) {
        return new Presented(
                List.of(Sensitive.of("Bearer " + text)), List.of(), List.of(), List.of(), REQUEST);
    }

    /** A gateway's token endpoint, as a launcher puts it together. */
    private TokenExchange endpoint(ControlLink link, ApiKeys keys) {
        Authenticator authenticator =
                new Authenticator(
                        keys,
                        new JwtIssuers(
                                List.of(),
                                _ -> {
                                    throw new IOException("no issuer is configured");
                                },
                                clock),
                        new WorkloadTrust(
                                List.of(atlas.trust.rootCertificate()),
                                atlas.trust.trustDomain(),
                                List.of(),
                                clock),
                        link.tokens(),
                        link.revocations(),
                        clock);
        return link.tokens().exchange(authenticator, keys);
    }

    private static Outcome exchange(TokenExchange endpoint, String key, String more) {
        String form = "grant_type=" + TokenExchange.EXCHANGE + more;
        return endpoint.answer(bearer(key), form.getBytes(StandardCharsets.UTF_8), true);
    }

    private static String text(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Granted.class);
        return ((Outcome.Granted) outcome).issued().token().reveal();
    }

    private static Authentication use(ControlLink link, String token) {
        return link.tokens()
                .authenticate(Sensitive.of(token), false, bearer(token), Look.ARRIVING)
                .orElseThrow();
    }

    /** A key of a consumer that this gateway has heard of. */
    private JsonNode heardOf(ApiKeys keys) throws Exception {
        Semaphore changes = new Semaphore(0);
        keys.onChange(changes::release);
        JsonNode issued = enrolling.issue();
        String id = issued.path("id").asText();
        Enrolling.withinASecond(
                changes, () -> keys.again(id, "192.0.2.7") instanceof Authenticated);
        return issued;
    }

    @Test
    void aTokenOrderedAtOneGatewayHoldsAtAnotherAndEndsWithItsKey() throws Exception {
        try (WorkloadHome home = enrolling.join("gateway", "gw");
                ControlLink link = enrolling.follow(home);
                WorkloadHome other = enrolling.join("gateway", "gw2");
                ControlLink elsewhere = enrolling.follow(other)) {
            ApiKeys keys = link.apiKeys(Cadence.defaults());
            JsonNode key = heardOf(keys);
            String token = text(exchange(endpoint(link, keys), key.path("key").asText(), ""));

            assertThat(use(elsewhere, token))
                    .isInstanceOfSatisfying(
                            Authenticated.class,
                            yes -> {
                                assertThat(yes.principal().id()).isEqualTo("app");
                                assertThat(yes.principal().roles()).containsExactly(Role.CONSUMER);
                            });
            assertThat(enrolling.recorded("token.issued"))
                    .contains("gateway:gw", "192.0.2.7", key.path("id").asText())
                    .doesNotContain(token);
            assertThat(link.tokens().published().orElseThrow().jwks())
                    .isEqualTo(elsewhere.tokens().published().orElseThrow().jwks());

            Semaphore changes = new Semaphore(0);
            elsewhere.revocations().onChange(_ -> changes.release());
            atlas.json(
                    Role.SECURITY_ADMIN, "DELETE", "/api/v1/keys/" + key.path("id").asText(), null);
            Enrolling.withinASecond(changes, () -> use(elsewhere, token) instanceof Rejected);
        }
    }

    @Test
    void aTokenForTheControlPlaneIsRefusedAndRecordedThere() throws Exception {
        try (WorkloadHome home = enrolling.join("gateway", "gw");
                ControlLink link = enrolling.follow(home)) {
            ApiKeys keys = link.apiKeys(Cadence.defaults());
            String key = heardOf(keys).path("key").asText();
            assertThat(exchange(endpoint(link, keys), key, "&audience=control"))
                    .isInstanceOfSatisfying(
                            Outcome.Denied.class,
                            no -> assertThat(no.code()).isEqualTo("invalid_target"));
            assertThat(enrolling.recorded("token.refused")).contains("invalid_target");
        }
    }

    @Test
    void whoIsNoGatewayOrNoneAnyMoreGetsNothingSigned() throws Exception {
        try (WorkloadHome node = enrolling.join("node", "n1");
                UpstreamResponse response = enrolling.ask(node.client(), "/link/v1/token", "{}")) {
            assertThat(response.status()).isEqualTo(403);
        }
        assertThat(enrolling.recorded("access.refused")).contains("tokens_for_gateways_only");
        try (WorkloadHome home = enrolling.join("gateway", "gw");
                ControlLink link = enrolling.follow(home)) {
            try (UpstreamResponse response =
                    enrolling.ask(home.client(), "/link/v1/token", "{\"claims\":{}}")) {
                assertThat(response.status()).isEqualTo(400);
            }
            ApiKeys keys = link.apiKeys(Cadence.defaults());
            String key = heardOf(keys).path("key").asText();
            atlas.json(Role.SECURITY_ADMIN, "DELETE", "/api/v1/workloads/gateway/gw", null);
            assertThat(exchange(endpoint(link, keys), key, ""))
                    .isInstanceOf(Outcome.Unavailable.class);
        }
    }

    @Test
    void withoutTheControlPlaneThereIsNoTokenAndNoStranger() throws Exception {
        try (WorkloadHome home = enrolling.join("gateway", "gw");
                ControlLink link = enrolling.follow(home)) {
            ApiKeys keys = link.apiKeys(Cadence.defaults());
            TokenExchange endpoint = endpoint(link, keys);
            String key = heardOf(keys).path("key").asText();
            String token = text(exchange(endpoint, key, ""));
            atlas.control.close();

            assertThat(exchange(endpoint, key, "")).isInstanceOf(Outcome.Unavailable.class);
            assertThat(use(link, token)).isInstanceOf(Authenticated.class);
        }
    }

    @Test
    void aTokenOfABrandNewKeyIsNeverTakenForAStrangers() throws Exception {
        try (WorkloadHome home = enrolling.join("gateway", "gw");
                ControlLink link = enrolling.follow(home)) {
            int held = 0;
            for (int i = 0; i < 20; i++) {
                atlas.trust.revocations().revoke(Kind.EVERYTHING, "default", "*", "key lost");
                JsonNode issued =
                        atlas.json(
                                Role.CONSUMER,
                                "POST",
                                "/api/v1/tokens",
                                "{\"audience\":\"gateway\"}");
                Authentication said = use(link, issued.path("access_token").asText());
                assertThat(said).isNotInstanceOf(Rejected.class);
                held += said instanceof Authenticated ? 1 : 0;
            }
            assertThat(held).isPositive();
        }
    }
}

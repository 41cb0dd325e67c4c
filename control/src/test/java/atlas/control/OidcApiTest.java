package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Role;
import atlas.identity.OidcAttack;
import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jwt.JWTClaimsSet;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OidcApiTest {
    private static final String EVENT = "http://schemas.openid.net/event/backchannel-logout";

    @TempDir private Path folder;
    private final LaterClock meets = new LaterClock();
    private StandInProvider provider;
    private Installation atlas;

    @BeforeEach
    void start() throws Exception {
        provider = new StandInProvider();
        atlas = new Installation(folder.resolve("home"), provider.login(), meets);
    }

    @AfterEach
    void stop() {
        atlas.close();
    }

    /** The time, and minutes more: what may be tried so often a minute can be tried again. */
    private static final class LaterClock extends Clock {
        private final Clock now = Clock.systemUTC();
        private Duration later = Duration.ZERO;

        void aMinuteLater() {
            later = later.plusMinutes(1);
        }

        @Override
        public Instant instant() {
            return now.instant().plus(later);
        }

        @Override
        public ZoneId getZone() {
            return now.getZone();
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    /** A browser that was sent to the provider. */
    private record Way(String cookie, Map<String, String> asked) {}

    private Way begin(String... headers) throws Exception {
        HttpResponse<String> response = atlas.bare("GET", "/login/oidc?provider=corp", headers);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(303);
        URI place = URI.create(response.headers().firstValue("location").orElseThrow());
        assertThat(place.toString()).startsWith(StandInProvider.ISSUER + "/auth?");
        String set = response.headers().firstValue("set-cookie").orElseThrow();
        assertThat(set)
                .startsWith("__Host-atlas-oidc=")
                .contains("Secure; HttpOnly; SameSite=Lax; Max-Age=600");
        return new Way(cookie(set), StandInProvider.query(place));
    }

    private static String cookie(String set) {
        return set.substring(0, set.indexOf(';'));
    }

    private HttpResponse<String> back(Way way, String cookie) throws Exception {
        provider.idToken =
                provider.signed(
                        "JWT",
                        StandInProvider.about("alice", "sid-1")
                                .claim("nonce", way.asked.get("nonce"))
                                .build());
        return atlas.bare(
                "GET",
                "/login/oidc/callback?code=c&state=" + way.asked.get("state"),
                "cookie",
                cookie,
                "sec-fetch-site",
                "cross-site");
    }

    private String signIn() throws Exception {
        Way way = begin();
        return session(back(way, way.cookie));
    }

    private static String session(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(303);
        assertThat(response.headers().firstValue("location")).hasValue("/");
        List<String> cookies = response.headers().allValues("set-cookie");
        assertThat(cookies).hasSize(2).anyMatch(c -> c.startsWith("__Host-atlas-oidc=;"));
        return cookie(
                cookies.stream()
                        .filter(c -> c.startsWith("__Host-atlas-session="))
                        .findFirst()
                        .orElseThrow());
    }

    private int whoami(String session) throws Exception {
        return atlas.bare("GET", "/login/session", "cookie", session).statusCode();
    }

    @Test
    void aPersonComesBackFromTheProviderSignedIn() throws Exception {
        Way way = begin();
        assertThat(way.asked)
                .containsEntry("redirect_uri", atlas.origin() + "/login/oidc/callback")
                .containsEntry("response_type", "code");
        String session = session(back(way, way.cookie));
        JsonNode who =
                Installation.JSON.readTree(
                        atlas.bare("GET", "/login/session", "cookie", session).body());
        assertThat(who.get("principal").asText()).isEqualTo("oidc:https://idp.example/realm#alice");
        assertThat(who.get("roles").toString()).isEqualTo("[\"auditor\"]");
        assertThat(who.get("session").get("provider").asText()).isEqualTo("corp");
        assertThat(atlas.bare("GET", "/api/v1/keys", "cookie", session).statusCode())
                .as("the provider grants nothing")
                .isEqualTo(403);
        atlas.json(
                Role.SECURITY_ADMIN,
                "POST",
                "/api/v1/grants",
                "{\"principal\":\"oidc:https://idp.example/realm#alice\",\"role\":\"auditor\"}");
        assertThat(atlas.bare("GET", "/api/v1/keys", "cookie", session).statusCode())
                .isEqualTo(200);
    }

    @Test
    void theSignInPageIsToldOfTheProvider() throws Exception {
        assertThat(atlas.bare("GET", "/login/providers").body())
                .isEqualTo(
                        "{\"providers\":[{\"name\":\"corp\",\"label\":\"Corporate account\","
                                + "\"method\":\"oidc\",\"start\":\"/login/oidc?provider=corp\"}]}");
    }

    @Test
    void nobodyComesBackWhoDidNotLeave() throws Exception {
        Way mine = begin();
        Way other = begin();
        HttpResponse<String> none =
                atlas.bare("GET", "/login/oidc/callback?code=c&state=" + mine.asked.get("state"));
        assertThat(none.statusCode()).isEqualTo(401);
        for (String cookie :
                List.of(
                        other.cookie,
                        mine.cookie.substring(0, mine.cookie.length() - 2) + "AA",
                        "__Host-atlas-oidc=x",
                        "__Host-atlas-oidc=")) {
            HttpResponse<String> refused = back(mine, cookie);
            assertThat(refused.statusCode()).isEqualTo(303);
            assertThat(refused.headers().firstValue("location")).hasValue("/#sign-in-failed");
            assertThat(refused.headers().firstValue("set-cookie")).isEmpty();
        }
        assertThat(back(mine, mine.cookie + "; " + other.cookie).statusCode()).isEqualTo(401);
        assertThat(provider.redeemed).as("no code was redeemed").isZero();
        assertThat(refusals())
                .contains("sign_in_journey_missing", "sign_in_journey_over", "sign_in_state");
    }

    private List<String> refusals() throws Exception {
        // Recorded and waited for; so is then whatever was recorded before.
        atlas.send(Role.CONSUMER, "GET", "/api/v1/sessions", null);
        List<String> reasons = new ArrayList<>();
        atlas.json(
                        Role.AUDITOR,
                        "GET",
                        "/api/v1/journal/entries?kind=access.refused&limit=1000",
                        null)
                .get("entries")
                .forEach(entry -> reasons.add(entry.get("event").get("reason").asText()));
        return reasons;
    }

    @Test
    void noOtherPageSendsABrowserToSignIn() throws Exception {
        for (String site : List.of("cross-site", "same-site")) {
            HttpResponse<String> response =
                    atlas.bare("GET", "/login/oidc?provider=corp", "sec-fetch-site", site);
            assertThat(response.statusCode()).isEqualTo(403);
        }
        begin("sec-fetch-site", "same-origin");
        begin("sec-fetch-site", "none");
        for (String query :
                List.of("", "?provider=", "?provider=evil", "?provider=corp&next=//evil.example")) {
            assertThat(atlas.bare("GET", "/login/oidc" + query).statusCode()).isEqualTo(400);
        }
        assertThat(atlas.bare("POST", "/login/oidc?provider=corp").statusCode()).isEqualTo(401);
    }

    @Test
    void aProviderThatIsAwayIsSaidToBe() throws Exception {
        provider.away = true;
        HttpResponse<String> response = atlas.bare("GET", "/login/oidc?provider=corp");
        assertThat(response.headers().firstValue("location")).hasValue("/#sign-in-away");
    }

    @Test
    void signingInAnewEndsTheSessionBefore() throws Exception {
        String first = signIn();
        Way way = begin("cookie", first);
        // The provider's page is another site: the strict cookie does not come back with it.
        String second = session(back(way, way.cookie));
        assertThat(whoami(first)).isEqualTo(401);
        assertThat(whoami(second)).isEqualTo(200);
    }

    @Test
    void signingOutHereSaysWhereToSignOutThere() throws Exception {
        String session = signIn();
        URI place = URI.create(atlas.signOut(session).get("sign_out_at").asText());
        assertThat(place.toString()).startsWith(StandInProvider.ISSUER + "/end?");
        assertThat(StandInProvider.query(place))
                .containsEntry("post_logout_redirect_uri", atlas.origin() + "/")
                .containsKey("id_token_hint");
        assertThat(whoami(session)).isEqualTo(401);
    }

    private HttpResponse<String> notice(String token) throws Exception {
        return atlas.send(
                (String) null,
                "POST",
                "/login/oidc/backchannel-logout",
                "logout_token=" + URLEncoder.encode(token, StandardCharsets.UTF_8),
                "application/x-www-form-urlencoded");
    }

    private JWTClaimsSet.Builder over(String subject, String session) {
        return new JWTClaimsSet.Builder(StandInProvider.about(subject, session).build())
                .jwtID(UUID.randomUUID().toString())
                .claim("events", Map.of(EVENT, Map.of()));
    }

    @Test
    void signingOutThereEndsTheSessionHere() throws Exception {
        String session = signIn();
        assertThat(notice(provider.signed("logout+jwt", over("bob", "sid-2").build())).statusCode())
                .isEqualTo(200);
        assertThat(whoami(session)).isEqualTo(200);
        String token = provider.signed("logout+jwt", over("alice", "sid-1").build());
        HttpResponse<String> response = notice(token);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("cache-control")).hasValue("no-store");
        assertThat(whoami(session)).isEqualTo(401);
        assertThat(notice(token).statusCode()).as("replayed").isEqualTo(400);
        // Recorded before it is answered, and after whatever was recorded until then.
        assertThat(atlas.send(Role.CONSUMER, "GET", "/api/v1/sessions", null).statusCode())
                .isEqualTo(403);
        JsonNode ended =
                atlas.json(Role.AUDITOR, "GET", "/api/v1/journal/entries?kind=session.ended", null);
        assertThat(ended.toString()).contains("provider_logout").contains("atlas:provider-corp");
    }

    @Test
    void noticesThatDoNotHoldEndNothingAndAreJournaled() throws Exception {
        String session = signIn();
        assertThat(notice("x").statusCode()).isEqualTo(400);
        assertThat(
                        notice(
                                        provider.signed(
                                                "JWT",
                                                over("alice", "sid-1").claim("nonce", "n").build()))
                                .statusCode())
                .isEqualTo(400);
        assertThat(
                        atlas.send(
                                        (String) null,
                                        "POST",
                                        "/login/oidc/backchannel-logout",
                                        "logout_token=a&logout_token=b",
                                        "application/x-www-form-urlencoded")
                                .statusCode())
                .isEqualTo(400);
        assertThat(whoami(session)).isEqualTo(200);
        assertThat(refusals())
                .contains("logout_token_malformed", "logout_token_nonce", "parameters_repeated");
    }

    @Test
    void everyAttackOnSigningInAndOutIsRefusedAndJournaledForItsReason() throws Exception {
        String session = signIn();
        assertThat(
                        notice(
                                        provider.signed(
                                                "logout+jwt",
                                                over("nobody", "sid-0").jwtID("accepted").build()))
                                .statusCode())
                .isEqualTo(200);
        Set<String> reasons = new HashSet<>();
        for (OidcAttack attack : OidcAttack.all()) {
            if (attack.as().equals("access-token")) {
                continue;
            }
            meets.aMinuteLater();
            switch (attack.as()) {
                case "id-token" -> {
                    HttpResponse<String> refused = attackSignIn(attack);
                    assertThat(refused.headers().firstValue("location"))
                            .as(attack.name())
                            .hasValue("/#sign-in-failed");
                    assertThat(refused.headers().firstValue("set-cookie")).isEmpty();
                    reasons.add(attack.reason());
                }
                case "logout-token" -> {
                    Map<String, Object> good = over("alice", "sid-1").build().toJSONObject();
                    String token = attack.token(good, provider.keys, Instant.now());
                    assertThat(notice(token).statusCode()).as(attack.name()).isEqualTo(400);
                    reasons.add(attack.reason());
                }
                default -> throw new AssertionError(attack.as());
            }
            assertThat(whoami(session)).as(attack.name()).isEqualTo(200);
        }
        assertThat(reasons).hasSizeGreaterThan(20);
        assertThat(refusals()).containsAll(reasons);
    }

    private HttpResponse<String> attackSignIn(OidcAttack attack) throws Exception {
        Way way = begin();
        Map<String, Object> good =
                StandInProvider.about("alice", "sid-1")
                        .claim("nonce", way.asked.get("nonce"))
                        .build()
                        .toJSONObject();
        provider.idToken = attack.token(good, provider.keys, Instant.now());
        return atlas.bare(
                "GET",
                "/login/oidc/callback?code=c&state=" + way.asked.get("state"),
                "cookie",
                way.cookie);
    }

    @Test
    void whoTriesTooOftenWaitsAMinute() throws Exception {
        int status = 0;
        for (int i = 0; i < 40 && status != 429; i++) {
            status = atlas.bare("GET", "/login/oidc/callback").statusCode();
            assertThat(status).isIn(401, 429);
        }
        assertThat(status).isEqualTo(429);
    }
}

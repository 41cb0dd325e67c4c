package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.AccessRefused;
import atlas.core.AuditEvent.SessionEnded;
import atlas.core.AuditEvent.SessionOpened;
import atlas.core.Role;
import atlas.identity.saml.Attack;
import atlas.identity.saml.SamlServiceProvider;
import atlas.identity.saml.TestIdp;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamlApiTest {
    private static final Clock STOOD = Clock.fixed(TestIdp.NOW, ZoneOffset.UTC);

    @TempDir private Path folder;
    private final TestIdp idp = new TestIdp();
    private final SamlServiceProvider saml = idp.serviceProvider(STOOD);
    private final BlockingQueue<AuditEvent> arriving = new LinkedBlockingQueue<>();
    private volatile Instant now = Instant.now();
    private Installation atlas;

    @BeforeEach
    void start() throws Exception {
        Clock moving = Clock.systemUTC();
        atlas = new Installation(folder.resolve("home"), saml, new Moving(moving));
        atlas.trust.journal().onAppended(entry -> arriving.add(entry.event()));
    }

    @AfterEach
    void stop() {
        atlas.close();
        saml.close();
    }

    /** Goes on by hand, so that no limit per minute is met unless a test means to. */
    private final class Moving extends Clock {
        private final Clock zone;

        Moving(Clock zone) {
            this.zone = zone;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public java.time.ZoneId getZone() {
            return zone.getZone();
        }

        @Override
        public Clock withZone(java.time.ZoneId other) {
            return this;
        }
    }

    private String way() {
        return "__Host-atlas-saml=" + idp.cookie();
    }

    private static String field(String name, String message) {
        String text = Base64.getEncoder().encodeToString(message.getBytes(StandardCharsets.UTF_8));
        return name + "=" + URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private HttpResponse<String> login(String message) throws Exception {
        return atlas.form(
                "/saml/acs",
                field("SAMLResponse", message) + "&RelayState=relay-1",
                "cookie",
                way(),
                "origin",
                "https://idp.example",
                "sec-fetch-site",
                "cross-site");
    }

    private HttpResponse<String> send(Attack attack, String message) throws Exception {
        return switch (attack.binding()) {
            case "login" -> login(message);
            case "logout-post" -> atlas.form("/saml/slo", field("SAMLRequest", message));
            case "logout-post-answer" -> atlas.form("/saml/slo", field("SAMLResponse", message));
            default -> atlas.bare("GET", "/saml/slo?" + message);
        };
    }

    private static String cookie(HttpResponse<String> response, String name) {
        String set =
                response.headers().allValues("set-cookie").stream()
                        .filter(one -> one.startsWith(name + "="))
                        .findFirst()
                        .orElseThrow();
        return set.substring(0, set.indexOf(';'));
    }

    private String signIn() throws Exception {
        HttpResponse<String> response = login(Attack.genuine(idp, "genuine-response"));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(303);
        assertThat(response.headers().firstValue("location")).contains("/");
        return cookie(response, "__Host-atlas-session");
    }

    @Test
    void anAnswerBecomesASessionOfOneSite() throws Exception {
        HttpResponse<String> response = login(Attack.genuine(idp, "genuine-response"));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(303);
        assertThat(response.headers().allValues("set-cookie"))
                .anySatisfy(set ->
                        assertThat(set)
                                .startsWith("__Host-atlas-session=")
                                .contains("SameSite=Strict", "HttpOnly", "Secure"))
                .anySatisfy(set ->
                        assertThat(set)
                                .startsWith("__Host-atlas-saml=;")
                                .contains("SameSite=None", "Max-Age=0"));
        String session = cookie(response, "__Host-atlas-session");
        JsonNode who =
                Installation.JSON.readTree(
                        atlas.bare("GET", "/login/session", "cookie", session).body());
        assertThat(who.get("principal").asText()).isEqualTo("saml:" + TestIdp.ENTITY + "#alice");
        assertThat(who.get("roles").toString()).isEqualTo("[\"consumer\"]");
        assertThat(journaled())
                .anySatisfy(event ->
                        assertThat(event)
                                .isInstanceOfSatisfying(
                                        SessionOpened.class,
                                        opened -> {
                                            assertThat(opened.method()).isEqualTo("saml");
                                            assertThat(opened.provider()).isEqualTo(TestIdp.NAME);
                                        }));
    }

    @Test
    void aLoginIsBegunByASignedRedirectAndAMinutesLongCookie() throws Exception {
        HttpResponse<String> response = atlas.bare("GET", "/saml/login?provider=test-idp");
        assertThat(response.statusCode()).isEqualTo(303);
        assertThat(response.headers().firstValue("location").orElseThrow())
                .startsWith("https://idp.example/sso?")
                .contains("SAMLRequest=", "RelayState=", "SigAlg=", "Signature=");
        assertThat(response.headers().firstValue("set-cookie").orElseThrow())
                .startsWith("__Host-atlas-saml=")
                .contains("SameSite=None", "HttpOnly", "Secure", "Path=/", "Max-Age=600");
        assertThat(atlas.bare("GET", "/saml/login").statusCode()).isEqualTo(303);
        assertThat(atlas.bare("GET", "/saml/login?provider=other").statusCode()).isEqualTo(400);
        assertThat(atlas.bare("GET", "/saml/login?to=https://evil.example").statusCode())
                .isEqualTo(400);
        HttpResponse<String> sent =
                atlas.bare("GET", "/saml/login", "sec-fetch-site", "cross-site");
        assertThat(sent.statusCode()).as("another page begins nothing").isEqualTo(403);
        JsonNode shown = Installation.JSON.readTree(atlas.bare("GET", "/login/providers").body());
        assertThat(shown.toString()).contains("/saml/login?provider=test-idp");
    }

    @Test
    void metadataIsForAnybody() throws Exception {
        HttpResponse<String> response = atlas.bare("GET", "/saml/metadata");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type"))
                .contains("application/samlmetadata+xml");
        assertThat(response.body()).contains("<ds:SignatureValue>", "/saml/acs", "/saml/slo");
    }

    @Test
    void everyAttackIsRefusedAndJournaledForItsReason() throws Exception {
        List<Attack> attacks = Attack.all();
        assertThat(attacks).hasSizeGreaterThan(100);
        for (Attack attack : attacks) {
            if (!attack.before().isEmpty() || attack.message().contains("\uFEFF")) {
                continue;
            }
            // A minute later: each is recorded by itself, and nobody is throttled.
            now = now.plus(Duration.ofMinutes(1));
            journaled();
            HttpResponse<String> response = send(attack, attack.message());
            if (attack.binding().equals("login")) {
                // A person waits for it: the page tells, without a reason.
                assertThat(response.statusCode()).as(attack.name()).isEqualTo(303);
                assertThat(response.headers().firstValue("location")).contains("/#sign-in-failed");
            } else {
                assertThat(response.statusCode()).as(attack.name()).isEqualTo(401);
            }
            assertThat(response.headers().firstValue("set-cookie")).isEmpty();
            assertThat(reasons()).as(attack.name()).contains(attack.reason());
        }
    }

    /** What was journaled since this was last asked, in order. */
    private List<AuditEvent> journaled() throws InterruptedException {
        AuditEvent mark = new AuditEvent.ProcessStopped("test", UUID.randomUUID().toString());
        atlas.trust.journal().append(mark);
        List<AuditEvent> before = new ArrayList<>();
        while (true) {
            AuditEvent next = arriving.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("what was appended arrives").isNotNull();
            if (mark.equals(next)) {
                return before;
            }
            before.add(next);
        }
    }

    private List<String> reasons() throws InterruptedException {
        return journaled().stream()
                .filter(AccessRefused.class::isInstance)
                .map(event -> ((AccessRefused) event).reason())
                .toList();
    }

    @Test
    void whatIsUsedTwiceIsRefusedAndJournaled() throws Exception {
        for (Attack attack : Attack.all()) {
            if (attack.before().isEmpty()) {
                continue;
            }
            now = now.plus(Duration.ofMinutes(1));
            // The genuine one comes first; where it came already, it is one more of them.
            send(attack, Attack.genuine(idp, attack.before()));
            assertThat(send(attack, attack.message()).headers().allValues("set-cookie"))
                    .as(attack.name())
                    .isEmpty();
            assertThat(reasons()).as(attack.name()).contains(attack.reason());
        }
    }

    @Test
    void aProviderEndsTheSessionAndIsAnswered() throws Exception {
        String session = signIn();
        HttpResponse<String> answer =
                atlas.form(
                        "/saml/slo", field("SAMLRequest", Attack.genuine(idp, "genuine-logout")));
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(answer.headers().firstValue("location").orElseThrow())
                .startsWith("https://idp.example/slo-done?SAMLResponse=");
        assertThat(atlas.bare("GET", "/api/v1/whoami", "cookie", session).statusCode())
                .isEqualTo(401);
        assertThat(journaled())
                .anySatisfy(event ->
                        assertThat(event)
                                .isInstanceOfSatisfying(
                                        SessionEnded.class,
                                        ended ->
                                                assertThat(ended.reason())
                                                        .isEqualTo("provider_logout")));
    }

    @Test
    void signingOutHereSaysWhereToSignOutThere() throws Exception {
        String session = signIn();
        assertThat(atlas.signOut(session).get("sign_out_at").asText())
                .startsWith("https://idp.example/slo?SAMLRequest=");
        assertThat(atlas.bare("GET", "/api/v1/whoami", "cookie", session).statusCode())
                .isEqualTo(401);
    }

    @Test
    void aSessionGetsATokenOfMinutesThatEndsWithIt() throws Exception {
        String session = signIn();
        JsonNode own =
                Installation.JSON.readTree(
                        atlas.bare("GET", "/login/session", "cookie", session).body());
        String[] page = {
            "cookie",
            session,
            "origin",
            atlas.origin(),
            "x-csrf-token",
            own.get("csrf_token").asText()
        };
        assertThat(token(page).statusCode()).as("the provider grants nothing").isEqualTo(403);
        atlas.json(
                Role.SECURITY_ADMIN,
                "POST",
                "/api/v1/grants",
                "{\"principal\":\"saml:" + TestIdp.ENTITY + "#alice\",\"role\":\"consumer\"}");
        HttpResponse<String> issued = token(page);
        assertThat(issued.statusCode()).as(issued.body()).isEqualTo(201);
        JsonNode token = Installation.JSON.readTree(issued.body());
        assertThat(token.get("expires_in").asLong()).isBetween(1L, 900L);
        assertThat(token.get("roles").toString()).isEqualTo("[\"consumer\"]");
        String bearer = token.get("access_token").asText();
        JsonNode who =
                Installation.JSON.readTree(
                        atlas.send(bearer, "GET", "/api/v1/whoami", null).body());
        assertThat(who.get("principal").asText()).isEqualTo("saml:" + TestIdp.ENTITY + "#alice");
        atlas.signOut(session);
        assertThat(atlas.send(bearer, "GET", "/api/v1/whoami", null).statusCode()).isEqualTo(401);
    }

    private HttpResponse<String> token(String... headers) throws Exception {
        return atlas.post(
                "/api/v1/tokens", "application/json", "{\"audience\":\"control\"}", headers);
    }

    @Test
    void aProviderThatOnlyTakesPostsGetsAFormOnce() throws Exception {
        idp.onlyPosts();
        String session = signIn();
        String place = atlas.signOut(session).get("sign_out_at").asText();
        assertThat(place).startsWith("/saml/slo?out=");
        HttpResponse<String> page = atlas.bare("GET", place);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains("method=\"post\" action=\"https://idp.example/slo-post\"")
                .contains("name=\"SAMLRequest\"")
                .doesNotContain("<script");
        assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
                .contains("default-src 'none'");
        assertThat(atlas.bare("GET", place).statusCode()).isEqualTo(400);
    }

    @Test
    void signingInAgainEndsTheSessionBefore() throws Exception {
        HttpResponse<String> key =
                atlas.bare(
                        "POST",
                        "/login/key",
                        "authorization",
                        "Bearer " + atlas.key(Role.AUDITOR),
                        "origin",
                        atlas.origin());
        String before = cookie(key, "__Host-atlas-session");
        HttpResponse<String> begun = atlas.bare("GET", "/saml/login", "cookie", before);
        TestIdp.Answered answered =
                idp.answer(begun.headers().firstValue("location").orElseThrow());
        assertThat(atlas.bare("GET", "/login/session", "cookie", before).statusCode())
                .isEqualTo(200);
        // The post comes from another site, so the strict cookie is not with it.
        HttpResponse<String> after =
                atlas.form(
                        "/saml/acs",
                        field("SAMLResponse", answered.message())
                                + "&RelayState="
                                + answered.relay(),
                        "cookie",
                        cookie(begun, "__Host-atlas-saml"));
        assertThat(after.statusCode()).as(after.body()).isEqualTo(303);
        assertThat(atlas.bare("GET", "/login/session", "cookie", before).statusCode())
                .isEqualTo(401);
    }

    @Test
    void formsHaveOneMeaning() throws Exception {
        String good = field("SAMLResponse", Attack.genuine(idp, "genuine-response"));
        for (String body :
                List.of(
                        good + "&" + good + "&RelayState=relay-1",
                        good + "&RelayState=relay-1&RelayState=relay-1",
                        good + "&RelayState=relay-1&x=y",
                        good + "&RelayState=%zz",
                        "")) {
            HttpResponse<String> response = atlas.form("/saml/acs", body, "cookie", way());
            assertThat(response.statusCode()).as(body).isEqualTo(400);
        }
        HttpResponse<String> twice =
                atlas.form(
                        "/saml/acs", good + "&RelayState=relay-1", "cookie", way() + "; " + way());
        assertThat(twice.statusCode()).isEqualTo(401);
        assertThat(atlas.bare("GET", "/saml/acs").statusCode()).isEqualTo(401);
        HttpResponse<String> stranger = atlas.form("/saml/acs", good + "&RelayState=relay-1");
        assertThat(stranger.statusCode()).isEqualTo(401);
    }

    @Test
    void aSourceThatTriesTooOftenWaits() throws Exception {
        int last = 0;
        for (int i = 0; i < 61; i++) {
            last = atlas.form("/saml/acs", "SAMLResponse=AAAA", "cookie", way()).statusCode();
        }
        assertThat(last).isEqualTo(429);
    }
}

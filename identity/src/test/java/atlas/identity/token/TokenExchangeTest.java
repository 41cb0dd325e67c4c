package atlas.identity.token;

import static atlas.identity.token.TokenExchange.CLIENT_CREDENTIALS;
import static atlas.identity.token.TokenExchange.EXCHANGE;
import static atlas.identity.token.TokenWorld.accepted;
import static atlas.identity.token.TokenWorld.bearer;
import static atlas.identity.token.TokenWorld.denied;
import static atlas.identity.token.TokenWorld.granted;
import static atlas.identity.token.TokenWorld.refused;
import static atlas.identity.token.TokenWorld.stranger;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.ApiKey;
import atlas.identity.ApiKeyStore;
import atlas.identity.ApiKeys;
import atlas.identity.Presented;
import atlas.identity.revocation.Revocations.Revocation.Kind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TokenExchangeTest {
    private static final String KEY_TYPE = "urn:atlas:params:oauth:token-type:api-key";

    private final TokenWorld world = new TokenWorld();
    private final ApiKeys.Issued key =
            world.key(Principal.Kind.SERVICE, Set.of(Role.CONSUMER, Role.AUDITOR), "tiny-*", "big");
    private final String secret = key.secret().reveal();

    @AfterEach
    void close() {
        world.close();
    }

    private Presented plain() {
        return world.tokenRequest(Map.of());
    }

    private Presented basic(String client, String password) {
        String pair = client + ":" + password;
        String encoded = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        return world.tokenRequest(Map.of("authorization", List.of("Basic " + encoded)));
    }

    private TokenExchange.Outcome exchange(String... form) {
        String[] all = new String[form.length + 2];
        System.arraycopy(form, 0, all, 2, form.length);
        all[0] = "grant_type";
        all[1] = EXCHANGE;
        return world.ask(world.tokenRequest(bearer(secret)), all);
    }

    @Test
    void takesTheCredentialOfTheRequestOrTheSubjectOfTheForm() {
        granted(exchange());
        granted(
                world.ask(
                        plain(),
                        "grant_type",
                        EXCHANGE,
                        "subject_token",
                        secret,
                        "subject_token_type",
                        KEY_TYPE));
        granted(
                world.ask(
                        world.tokenRequest(Map.of("x-api-key", List.of(secret))),
                        "grant_type",
                        EXCHANGE));
        String token = world.token(secret);
        granted(
                world.ask(
                        plain(),
                        "grant_type",
                        EXCHANGE,
                        "subject_token",
                        token,
                        "subject_token_type",
                        TokenExchange.ACCESS_TOKEN));
    }

    @Test
    void aTokenIsNoNewerThanTheLookAtItsCredential() {
        // The key is taken back after it was accepted and before the token is made.
        ApiKeyStore revoking =
                new TokenWorld.Leaving() {
                    @Override
                    public Optional<ApiKey> find(String id) {
                        world.revocations.revoke(Kind.KEY, "default", id, "key revoked");
                        return world.store.find(id);
                    }
                };
        TokenExchange late =
                new TokenExchange(
                        world.authenticator,
                        world.tokens,
                        new ApiKeys(revoking, Sensitive.of(new byte[32]), world.clock));
        byte[] form =
                ("grant_type=" + URLEncoder.encode(EXCHANGE, StandardCharsets.UTF_8))
                        .getBytes(StandardCharsets.UTF_8);
        String token =
                granted(late.answer(world.tokenRequest(bearer(secret)), form, true))
                        .issued()
                        .token()
                        .reveal();
        assertThat(refused(world.use(token))).isEqualTo("token_revoked");
    }

    @Test
    void whatIsOfferedIsNotPrinted() {
        TokenForm none = TokenForm.empty();
        assertThat(Offered.of(world.tokenRequest(bearer(secret)), none).toString())
                .doesNotContain(secret);
        assertThat(Offered.of(basic("alice", secret), none).toString()).doesNotContain(secret);
    }

    @Test
    void twoCredentialsAreNoneUnlessTheyAreTheSame() {
        String other = world.consumer().secret().reveal();
        assertThat(stranger(exchange("subject_token", other, "subject_token_type", KEY_TYPE)))
                .isEqualTo("two_credentials");
        granted(exchange("subject_token", secret, "subject_token_type", KEY_TYPE));
        assertThat(stranger(exchange("client_secret", other))).isEqualTo("two_credentials");
        assertThat(
                        stranger(
                                world.ask(
                                        basic("alice", secret),
                                        "grant_type",
                                        EXCHANGE,
                                        "subject_token",
                                        other)))
                .isEqualTo("two_credentials");
        assertThat(stranger(world.ask(plain(), "client_secret", secret, "subject_token", secret)))
                .isEqualTo("two_credentials");
    }

    @Test
    void aStrangerLearnsNothingNotEvenThatTheFormIsBroken() {
        byte[] broken = "grant_type=a&grant_type=b".getBytes(StandardCharsets.UTF_8);
        assertThat(stranger(world.exchange.answer(plain(), broken, true)))
                .isEqualTo("no_credential");
        assertThat(stranger(world.exchange.answer(plain(), broken, false)))
                .isEqualTo("no_credential");
        assertThat(stranger(world.ask(world.tokenRequest(bearer("atlas_x")), "grant_type", "x")))
                .isEqualTo("key_malformed");
        assertThat(stranger(world.ask(basic("alice", "atlas_x"), "grant_type", "x")))
                .isEqualTo("key_malformed");
        assertThat(stranger(world.ask(basic("al%ice", secret), "grant_type", "x")))
                .isEqualTo("authorization_scheme");
        assertThat(denied(world.exchange.answer(world.tokenRequest(bearer(secret)), broken, true)))
                .isEqualTo("invalid_request");
    }

    @Test
    void aServiceGetsATokenForItsKeyByBasicOrInTheForm() {
        for (String client : List.of("alice", key.key().id())) {
            var byBasic =
                    granted(world.ask(basic(client, secret), "grant_type", CLIENT_CREDENTIALS));
            assertThat(byBasic.type()).isEqualTo("Bearer");
            granted(
                    world.ask(
                            plain(),
                            "grant_type",
                            CLIENT_CREDENTIALS,
                            "client_id",
                            client,
                            "client_secret",
                            secret));
        }
        assertThat(stranger(world.ask(basic("mallory", secret), "grant_type", CLIENT_CREDENTIALS)))
                .isEqualTo("client_mismatch");
        assertThat(
                        denied(
                                world.ask(
                                        world.tokenRequest(bearer(secret)),
                                        "grant_type",
                                        CLIENT_CREDENTIALS)))
                .isEqualTo("invalid_request");
        String token = world.token(secret);
        assertThat(denied(world.ask(basic("alice", token), "grant_type", CLIENT_CREDENTIALS)))
                .isEqualTo("unauthorized_client");
    }

    @Test
    void aPersonIsNoClient() {
        ApiKeys.Issued person = world.key(Principal.Kind.HUMAN, Set.of(Role.CONSUMER), "*");
        assertThat(
                        denied(
                                world.ask(
                                        basic("alice", person.secret().reveal()),
                                        "grant_type",
                                        CLIENT_CREDENTIALS)))
                .isEqualTo("unauthorized_client");
    }

    @Test
    void aWorkloadGetsATokenForItsCertificateAndBoundToIt() {
        List<X509Certificate> chain = world.certificate("/app");
        Presented request = world.request("POST", "/oauth2/token", Map.of(), chain);
        var outcome = granted(world.ask(request, "grant_type", CLIENT_CREDENTIALS));
        assertThat(outcome.issued().boundTo()).isEqualTo("certificate");
        String token = outcome.issued().token().reveal();
        assertThat(refused(world.use(token))).isEqualTo("token_certificate_missing");
        Principal caller =
                accepted(
                        world.authenticator.authenticate(
                                world.request("POST", "/v1/x", bearer(token), chain)));
        assertThat(caller.id()).isEqualTo(TokenWorld.APP);
        assertThat(caller.credential().workload()).isPresent();
    }

    @Test
    void narrowsRolesAndModelsAndNeverWidens() {
        var narrowed = granted(exchange("scope", "role:consumer model:tiny-chat"));
        assertThat(narrowed.issued().roles()).containsExactly("consumer");
        assertThat(narrowed.issued().models()).containsExactly("tiny-chat");
        assertThat(narrowed.scope()).isEqualTo("role:consumer model:tiny-chat");

        assertThat(granted(exchange("scope", "model:*")).issued().models())
                .containsExactlyInAnyOrder("tiny-*", "big");
        assertThat(granted(exchange()).issued().roles()).containsExactly("consumer", "auditor");
        for (String beyond :
                List.of(
                        "role:operator",
                        "model:huge",
                        "role:",
                        "admin",
                        "model:",
                        " ",
                        "role:x y")) {
            assertThat(denied(exchange("scope", beyond))).as(beyond).isEqualTo("invalid_scope");
        }
        // What was given up does not come back.
        String token = narrowed.issued().token().reveal();
        assertThat(
                        denied(
                                world.ask(
                                        world.tokenRequest(bearer(token)),
                                        "grant_type",
                                        EXCHANGE,
                                        "scope",
                                        "role:auditor")))
                .isEqualTo("invalid_scope");
    }

    @Test
    void isForTheGatewayUnlessAskedAndNeverForMoreThanBefore() {
        assertThat(granted(exchange()).issued().audiences())
                .containsExactly(Presented.Request.GATEWAY);
        assertThat(granted(exchange("audience", "control")).issued().audiences())
                .containsExactly(Presented.Request.CONTROL);
        assertThat(granted(exchange("resource", Presented.Request.CONTROL)).issued().audiences())
                .containsExactly(Presented.Request.CONTROL);
        assertThat(denied(exchange("audience", "https://elsewhere"))).isEqualTo("invalid_target");
        String token = world.token(secret);
        assertThat(
                        denied(
                                world.ask(
                                        world.tokenRequest(bearer(token)),
                                        "grant_type",
                                        EXCHANGE,
                                        "audience",
                                        "control")))
                .isEqualTo("invalid_target");
    }

    @Test
    void refusesFormsThatMeanSomethingElse() {
        assertThat(denied(world.ask(world.tokenRequest(bearer(secret)))))
                .isEqualTo("invalid_request");
        assertThat(denied(world.ask(world.tokenRequest(bearer(secret)), "grant_type", "password")))
                .isEqualTo("unsupported_grant_type");
        assertThat(denied(exchange("subject_token", secret))).isEqualTo("invalid_request");
        assertThat(denied(exchange("subject_token_type", KEY_TYPE))).isEqualTo("invalid_request");
        assertThat(
                        denied(
                                exchange(
                                        "subject_token",
                                        secret,
                                        "subject_token_type",
                                        TokenExchange.ACCESS_TOKEN)))
                .isEqualTo("invalid_request");
        assertThat(denied(exchange("actor_token", "x"))).isEqualTo("invalid_request");
        assertThat(denied(exchange("requested_token_type", "urn:x"))).isEqualTo("invalid_request");
        assertThat(denied(exchange("client_id", "mallory"))).isEqualTo("invalid_request");
    }

    @Test
    void bindsToTheKeyOfTheProofAndAsksForANonceFirst() {
        String without =
                world.holder.proof(
                        "POST",
                        TokenWorld.url("/oauth2/token"),
                        java.util.Optional.empty(),
                        java.util.Optional.empty());
        Map<String, List<String>> headers =
                Map.of("authorization", List.of("Bearer " + secret), "dpop", List.of(without));
        var challenged =
                (TokenExchange.Outcome.Denied)
                        world.ask(world.tokenRequest(headers), "grant_type", EXCHANGE);
        assertThat(challenged.code()).isEqualTo("use_dpop_nonce");
        assertThat(challenged.nonce()).contains(world.nonce());

        String token = world.boundToken(secret);
        assertThat(refused(world.use(token))).isEqualTo("token_proof_missing");
        accepted(world.useBound(token, world.proof(world.holder, "POST", "/v1/x", token)));
    }

    @Test
    void refusesAProofThatDoesNotHold() {
        String wrong = world.proof(world.holder, "POST", "/oauth2/elsewhere", null);
        Map<String, List<String>> headers =
                Map.of("authorization", List.of("Bearer " + secret), "dpop", List.of(wrong));
        assertThat(denied(world.ask(world.tokenRequest(headers), "grant_type", EXCHANGE)))
                .isEqualTo("invalid_dpop_proof");
    }

    @Test
    void aBoundTokenIsExchangedOnlyByItsHolderAndStaysBound() {
        String token = world.boundToken(secret);
        String[] form = {
            "grant_type",
            EXCHANGE,
            "subject_token",
            token,
            "subject_token_type",
            TokenExchange.ACCESS_TOKEN
        };
        assertThat(stranger(world.ask(plain(), form))).isEqualTo("token_proof_missing");
        ProofMaker thief = new ProofMaker(world.clock);
        String theirs = world.proof(thief, "POST", "/oauth2/token", null);
        assertThat(stranger(world.ask(world.tokenRequest(Map.of("dpop", List.of(theirs))), form)))
                .isEqualTo("dpop_other_key");
        String own = world.proof(world.holder, "POST", "/oauth2/token", null);
        var next = granted(world.ask(world.tokenRequest(Map.of("dpop", List.of(own))), form));
        assertThat(next.type()).isEqualTo("DPoP");
        assertThat(next.issued().boundTo()).isEqualTo("dpop");
        String inHeader = world.proof(world.holder, "POST", "/oauth2/token", token);
        Map<String, List<String>> headers =
                Map.of("authorization", List.of("DPoP " + token), "dpop", List.of(inHeader));
        assertThat(
                        granted(world.ask(world.tokenRequest(headers), "grant_type", EXCHANGE))
                                .issued()
                                .boundTo())
                .isEqualTo("dpop");
    }

    @Test
    void aCertificateBoundTokenStaysBoundToTheCertificate() {
        List<X509Certificate> chain = world.certificate("/app");
        Presented request = world.request("POST", "/oauth2/token", bearer(secret), chain);
        String token =
                granted(world.ask(request, "grant_type", EXCHANGE)).issued().token().reveal();
        assertThat(stranger(world.ask(world.tokenRequest(bearer(token)), "grant_type", EXCHANGE)))
                .isEqualTo("token_certificate_missing");
        Presented again = world.request("POST", "/oauth2/token", bearer(token), chain);
        assertThat(granted(world.ask(again, "grant_type", EXCHANGE)).issued().boundTo())
                .isEqualTo("certificate");
    }

    @Test
    void aChainOfExchangesEndsWithItsFirstTokenAndAfterSevenLinks() {
        String token = world.token(secret);
        java.time.Instant end = accepted(world.use(token)).credential().expires();
        world.clock.advance(java.time.Duration.ofMinutes(1));
        for (int i = 0; i < Claims.MAX_RESTS - 1; i++) {
            token = world.token(token);
            assertThat(accepted(world.use(token)).credential().expires()).isEqualTo(end);
        }
        assertThat(denied(world.ask(world.tokenRequest(bearer(token)), "grant_type", EXCHANGE)))
                .isEqualTo("invalid_request");
    }

    @Test
    void cutsPatternsToWhatBothReach() {
        List<String> words = List.of("", "a", "b", "ab", "ba", "aa", "aba", "abb", "bab", "c");
        List<String> patterns = List.of("*", "a*", "*a", "a*b", "*b*", "ab", "a", "b*b", "c");
        for (String held : patterns) {
            for (String wished : patterns) {
                List<Glob> both = Narrowing.cut(List.of(new Glob(held)), List.of(new Glob(wished)));
                for (String word : words) {
                    boolean reached = both.stream().anyMatch(glob -> glob.matches(word));
                    assertThat(!reached || new Glob(held).matches(word))
                            .as("%s of %s reaches `%s`", wished, held, word)
                            .isTrue();
                    assertThat(!reached || new Glob(wished).matches(word)).isTrue();
                }
            }
        }
    }
}

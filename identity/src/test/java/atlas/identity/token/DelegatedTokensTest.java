package atlas.identity.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.ApiKeys;
import atlas.identity.Authentication;
import atlas.identity.Authentication.Unavailable;
import atlas.identity.Authenticator;
import atlas.identity.StoreUnavailableException;
import atlas.identity.WorkloadTrust;
import atlas.identity.WorkloadTrust.WorkloadGrant;
import atlas.identity.revocation.Revocations;
import atlas.identity.revocation.Revocations.Revocation.Kind;
import atlas.identity.token.TokenExchange.Outcome;
import atlas.identity.token.TokenExchange.Signing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A token endpoint without the signing keys: it decides, and another process signs. */
class DelegatedTokensTest {
    private final TokenWorld world = new TokenWorld();
    private final SigningDesk desk = new SigningDesk(world.tokens, world.keys);
    private final Wire wire = new Wire();
    private final DelegatedTokens tokens =
            new DelegatedTokens(
                    Revocations.follower(Duration.ofMinutes(5), world.clock), wire, world.clock);
    private final Authenticator door =
            new Authenticator(
                    world.keys,
                    world.issuers,
                    new WorkloadTrust(
                            List.of(world.authority.root()),
                            "atlas.test",
                            List.<WorkloadGrant>of(),
                            world.clock),
                    tokens,
                    world.revocations,
                    world.clock);
    private final TokenExchange exchange = tokens.exchange(door, world.keys);

    /** From the one to the other, in this process. */
    private final class Wire implements Signing {
        boolean cut;
        int asked;
        UnaryOperator<byte[]> onTheWay = order -> order;
        UnaryOperator<Answer> onTheWayBack = answer -> answer;

        @Override
        public Answer sign(byte[] order) {
            return cut
                    ? new Answer.Away("control plane")
                    : onTheWayBack.apply(desk.answer(onTheWay.apply(order)).answer());
        }

        @Override
        public boolean refresh() {
            asked++;
            if (!cut) {
                hear();
            }
            return !cut;
        }
    }

    private void hear() {
        tokens.heard(
                world.tokens.issuer(),
                new String(world.tokens.jwks(), StandardCharsets.UTF_8),
                world.tokens.statement(),
                world.clock.instant());
    }

    @AfterEach
    void close() {
        world.close();
    }

    private Outcome ask(Map<String, List<String>> headers, String form) {
        byte[] body =
                ("grant_type=" + TokenExchange.EXCHANGE + form).getBytes(StandardCharsets.UTF_8);
        return exchange.answer(world.tokenRequest(headers), body, true);
    }

    private Outcome exchange(ApiKeys.Issued key, String form) {
        return ask(TokenWorld.bearer(key.secret().reveal()), form);
    }

    private Authentication use(String token) {
        return door.authenticate(
                world.request("POST", "/v1/x", TokenWorld.bearer(token), List.of()));
    }

    private static String text(Outcome outcome) {
        return TokenWorld.granted(outcome).issued().token().reveal();
    }

    @Test
    void aTokenOrderedHereIsTheOneThatWouldHaveBeenIssuedThere() {
        hear();
        ApiKeys.Issued key =
                world.key(Principal.Kind.SERVICE, Set.of(Role.CONSUMER, Role.AUDITOR), "a-*");
        String form = "&scope=role:consumer+model:a-1";

        Outcome.Granted here = TokenWorld.granted(exchange(key, form));
        Outcome.Granted there =
                TokenWorld.granted(
                        world.exchange.answer(
                                world.tokenRequest(TokenWorld.bearer(key.secret().reveal())),
                                ("grant_type=" + TokenExchange.EXCHANGE + form)
                                        .getBytes(StandardCharsets.UTF_8),
                                true));

        assertThat(here.scope()).isEqualTo(there.scope());
        assertThat(here.issued().roles()).isEqualTo(there.issued().roles());
        assertThat(here.issued().models()).containsExactly("a-1");
        assertThat(here.issued().expires()).isEqualTo(there.issued().expires());
        Principal holder = TokenWorld.accepted(use(here.issued().token().reveal()));
        assertThat(holder)
                .isEqualTo(
                        new Principal(
                                "alice",
                                Principal.Kind.SERVICE,
                                "default",
                                Set.of(Role.CONSUMER),
                                holder.models(),
                                holder.credential()));
        assertThat(holder.credential().key()).contains(key.key().id());
        assertThat(TokenWorld.refused(use(text(exchange(key, form)) + "x"))).isNotEmpty();
    }

    @Test
    void aTokenBoundHereNeedsItsProofAndSoDoesWhatItIsExchangedFor() {
        hear();
        String proof =
                world.holder.proof(
                        "POST",
                        TokenWorld.url("/oauth2/token"),
                        Optional.empty(),
                        Optional.of(tokens.verifier().proofs().currentNonce()));
        String secret = world.consumer().secret().reveal();
        Map<String, List<String>> headers =
                Map.of("authorization", List.of("Bearer " + secret), "dpop", List.of(proof));

        Outcome.Granted bound = TokenWorld.granted(ask(headers, ""));

        assertThat(bound.type()).isEqualTo("DPoP");
        assertThat(bound.issued().boundTo()).isEqualTo("dpop");
        assertThat(TokenWorld.refused(use(bound.issued().token().reveal())))
                .isEqualTo("token_proof_missing");
        // Other keys are heard of; what was used up stays used up.
        world.clock.advance(Duration.ofSeconds(1));
        world.revocations.revoke(Kind.TOKEN, "default", "some", "");
        hear();
        assertThat(ask(headers, "")).isInstanceOf(Outcome.Denied.class);
    }

    @Test
    void withoutWhoeverSignsThereIsNoAnswerAndNobodyIsAStranger() {
        hear();
        ApiKeys.Issued key = world.consumer();
        wire.cut = true;
        assertThat(exchange(key, "")).isInstanceOf(Outcome.Unavailable.class);
        assertThat(TokenWorld.stranger(ask(TokenWorld.bearer("atlas_no"), ""))).isNotEmpty();
    }

    @Test
    void noTokenForAdministrationIsGivenOnAGatewaysWord() {
        hear();
        ApiKeys.Issued key = world.key(Principal.Kind.HUMAN, Set.of(Role.SECURITY_ADMIN), "*");
        assertThat(TokenWorld.denied(exchange(key, "&audience=control")))
                .isEqualTo("invalid_target");
        assertThat(TokenWorld.denied(exchange(key, "&audience=gateway&audience=control")))
                .isEqualTo("invalid_target");
    }

    private void forge(String from, String to) {
        wire.onTheWay =
                order -> {
                    String text = new String(order, StandardCharsets.UTF_8);
                    assertThat(text).contains(from);
                    return text.replace(from, to).getBytes(StandardCharsets.UTF_8);
                };
    }

    @Test
    void anOrderBeyondItsKeyIsRefusedWhateverTheGatewaySays() {
        hear();
        ApiKeys.Issued key = world.key(Principal.Kind.SERVICE, Set.of(Role.CONSUMER), "a-*");
        forge("[\"consumer\"]", "[\"security_admin\"]");
        assertThat(TokenWorld.denied(exchange(key, ""))).isEqualTo("invalid_scope");
        forge("\"sub\":\"alice\"", "\"sub\":\"mallory\"");
        assertThat(TokenWorld.denied(exchange(key, ""))).isEqualTo("invalid_scope");
        forge("[\"a-*\"]", "[\"*\"]");
        assertThat(TokenWorld.denied(exchange(key, ""))).isEqualTo("invalid_scope");
        forge("\"tenant\":\"default\"", "\"tenant\":\"other\"");
        assertThat(TokenWorld.denied(exchange(key, ""))).isEqualTo("invalid_scope");
        forge(key.key().id(), "0000000000000000");
        assertThat(TokenWorld.stranger(exchange(key, ""))).isEqualTo("key_unknown");
        forge("https://atlas.test", "https://other.test");
        assertThat(TokenWorld.denied(exchange(key, ""))).isEqualTo("invalid_request");
        forge("[\"consumer\"]", "[\"No Role\"]");
        assertThatThrownBy(() -> exchange(key, "")).isInstanceOf(IllegalArgumentException.class);
        forge("\"api_key:", "\"session:x\",\"api_key:");
        assertThat(TokenWorld.denied(exchange(key, ""))).isEqualTo("invalid_request");
    }

    @Test
    void aTokenLivesNoLongerThanTheRulesSayWhateverIsOrdered() {
        hear();
        ApiKeys.Issued key = world.consumer();
        String end = "\"exp\":" + key.key().expires().getEpochSecond();
        forge(end, "\"exp\":" + key.key().expires().plusSeconds(1_000_000).getEpochSecond());
        assertThat(TokenWorld.granted(exchange(key, "")).issued().expires())
                .isEqualTo(
                        java.time.Instant.ofEpochSecond(
                                world.clock.instant().plusSeconds(600).getEpochSecond()));
        forge(end, "\"exp\":" + world.clock.instant().getEpochSecond());
        assertThat(TokenWorld.stranger(exchange(key, ""))).isEqualTo("credential_expired");
    }

    @Test
    void whatWasTakenBackAndNotHeardOfYetIsSignedNoMore() {
        hear();
        ApiKeys.Issued key = world.consumer();
        wire.onTheWay =
                order -> {
                    world.keys.revoke(key.key().id());
                    return order;
                };
        assertThat(TokenWorld.stranger(exchange(key, ""))).isEqualTo("key_revoked");

        ApiKeys.Issued other = world.consumer();
        wire.onTheWay =
                order -> {
                    world.revocations.revoke(Kind.PRINCIPAL, "default", "alice", "left");
                    return order;
                };
        assertThat(TokenWorld.stranger(exchange(other, ""))).isEqualTo("principal_revoked");
    }

    @Test
    void aKeyStoreThatIsAwayIsNoVerdictOnTheKey() {
        hear();
        ApiKeys.Issued key = world.consumer();
        wire.onTheWay =
                order -> {
                    world.store.away = true;
                    return order;
                };
        assertThat(exchange(key, "")).isInstanceOf(Outcome.Unavailable.class);
        assertThatThrownBy(() -> desk.answer(order(key)))
                .isInstanceOf(StoreUnavailableException.class);
    }

    private byte[] order(ApiKeys.Issued key) {
        world.store.away = false;
        byte[][] seen = new byte[1][];
        wire.onTheWay =
                order -> {
                    seen[0] = order;
                    return order;
                };
        text(exchange(key, ""));
        world.store.away = true;
        return seen[0];
    }

    @Test
    void aTokenThatSaysMoreThanWasOrderedIsNotPassedOn() {
        hear();
        ApiKeys.Issued key =
                world.key(Principal.Kind.SERVICE, Set.of(Role.CONSUMER, Role.AUDITOR), "*");
        wire.onTheWayBack =
                _ ->
                        new Signing.Answer.Signed(
                                AtlasTokens.Issued.of(
                                        Sensitive.of(world.token(key.secret().reveal()))));
        text(exchange(key, ""));
        assertThat(exchange(key, "&scope=role:consumer")).isInstanceOf(Outcome.Unavailable.class);
    }

    @Test
    void aTokenOfABrandNewKeyIsAskedAboutBeforeItIsJudged() {
        hear();
        String secret = world.consumer().secret().reveal();
        world.revocations.revoke(Kind.EVERYTHING, "default", "*", "key lost");
        String token = world.token(secret);

        TokenWorld.accepted(use(token));
        assertThat(wire.asked).isEqualTo(1);
        TokenWorld.accepted(use(token));
        assertThat(wire.asked).isEqualTo(1);
    }

    @Test
    void whileAKeyMayBeNewAndNobodyCanBeAskedThereIsNoVerdict() {
        hear();
        String secret = world.consumer().secret().reveal();
        world.revocations.revoke(Kind.EVERYTHING, "default", "*", "key lost");
        String token = world.token(secret);
        wire.cut = true;
        assertThat(use(token)).isInstanceOf(Unavailable.class);
        wire.cut = false;
        TokenWorld.accepted(use(token));
    }

    @Test
    void aKeyThatCannotBeNewIsRefusedWithoutAsking() {
        String secret = world.consumer().secret().reveal();
        String token = world.token(secret);
        world.revocations.revoke(Kind.EVERYTHING, "default", "*", "key lost");
        world.clock.advance(Duration.ofMinutes(1));
        hear();
        assertThat(TokenWorld.refused(use(token))).isEqualTo("token_key_unknown");
        assertThat(wire.asked).isZero();
    }

    @Test
    void aKeyThatNobodyHasIsRefusedOnceThatWasAsked() {
        hear();
        TokenWorld foreign = new TokenWorld();
        try {
            String token = foreign.token(foreign.consumer().secret().reveal());
            assertThat(TokenWorld.refused(use(token))).isEqualTo("token_key_unknown");
            assertThat(wire.asked).isEqualTo(1);
        } finally {
            foreign.close();
        }
    }

    @Test
    void beforeAnythingWasHeardNothingIsTold() {
        assertThat(tokens.published()).isEmpty();
        assertThat(use(world.token(world.consumer().secret().reveal())))
                .isInstanceOf(Unavailable.class);
        assertThat(exchange(world.consumer(), "")).isInstanceOf(Outcome.Unavailable.class);
        hear();
        assertThat(tokens.published().orElseThrow().issuer()).isEqualTo(TokenWorld.ISSUER);
    }
}

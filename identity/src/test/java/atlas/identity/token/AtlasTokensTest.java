package atlas.identity.token;

import static atlas.identity.token.TokenWorld.accepted;
import static atlas.identity.token.TokenWorld.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.identity.ApiKeys;
import atlas.identity.Authentication;
import atlas.identity.Authenticator;
import atlas.identity.Presented;
import atlas.identity.revocation.Revocations;
import atlas.identity.revocation.Revocations.Revocation;
import atlas.identity.revocation.Revocations.Revocation.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AtlasTokensTest {
    private final TokenWorld world = new TokenWorld();
    private final ApiKeys.Issued key = world.consumer();

    @AfterEach
    void close() {
        world.close();
    }

    private String token() {
        return world.token(key.secret().reveal());
    }

    @Test
    void aTokenNamesItsHolderAndWhatItStandsOn() {
        String token = token();
        Principal caller = accepted(world.use(token));
        assertThat(caller.id()).isEqualTo("alice");
        assertThat(caller.roles()).containsExactly(Role.CONSUMER);
        Principal.Credential credential = caller.credential();
        assertThat(credential.kind()).isEqualTo(Principal.Credential.Kind.ATLAS_TOKEN);
        assertThat(credential.key()).contains(key.key().id());
        assertThat(Duration.between(credential.issued(), credential.expires()))
                .isEqualTo(Duration.ofMinutes(10));
        // The second time it is known by its hash, and means the same.
        assertThat(accepted(world.use(token))).isEqualTo(caller);
    }

    @Test
    void isReadByAnIndependentLibraryAsAnAccessToken() throws Exception {
        var jwt = com.nimbusds.jwt.SignedJWT.parse(token());
        assertThat(jwt.getHeader().getType().getType()).isEqualTo("at+jwt");
        var set =
                com.nimbusds.jose.jwk.JWKSet.parse(
                        new String(world.tokens.jwks(), StandardCharsets.UTF_8));
        var published = set.getKeyByKeyId(jwt.getHeader().getKeyID()).toECKey();
        assertThat(published.isPrivate()).isFalse();
        assertThat(published.computeThumbprint().toString()).isEqualTo(published.getKeyID());
        assertThat(jwt.verify(new com.nimbusds.jose.crypto.ECDSAVerifier(published))).isTrue();
        var claims = jwt.getJWTClaimsSet();
        assertThat(claims.getIssuer()).isEqualTo(TokenWorld.ISSUER);
        assertThat(claims.getSubject()).isEqualTo("alice");
        assertThat(claims.getAudience()).containsExactly(Presented.Request.GATEWAY);
        assertThat(claims.getStringClaim("client_id")).isEqualTo("alice");
        assertThat(claims.getJWTID()).hasSize(22);
    }

    @Test
    void endsWithItsTimeToTheSecond() {
        String token = token();
        world.clock.advance(Duration.ofMinutes(10).minusSeconds(1));
        accepted(world.use(token));
        world.clock.advance(Duration.ofSeconds(1));
        assertThat(refused(world.use(token))).isEqualTo("token_expired");
    }

    @Test
    void neverOutlivesWhatItWasExchangedFor() {
        world.clock.advance(Duration.ofDays(1).minusMinutes(3));
        Principal caller = accepted(world.use(token()));
        assertThat(caller.credential().expires()).isEqualTo(key.key().expires());
    }

    @Test
    void isForTheDoorItNames() {
        String token = token();
        Presented atControl =
                Presented.read(
                        name -> TokenWorld.bearer(token).getOrDefault(name, List.of()),
                        List.of(),
                        new Presented.Request(
                                Presented.Request.CONTROL, "GET", "c", "/x", "192.0.2.7"));
        assertThat(refused(world.authenticator.authenticate(atControl)))
                .isEqualTo("token_audience");
    }

    @Test
    void isUsedOnlyFromWhereItsKeyMayBe() {
        ApiKeys.Issued bound = world.keyFrom("192.0.2.0/24");
        String token = world.token(bound.secret().reveal());
        accepted(world.use(token));
        Presented elsewhere =
                Presented.read(
                        name -> TokenWorld.bearer(token).getOrDefault(name, List.of()),
                        List.of(),
                        new Presented.Request(
                                Presented.Request.GATEWAY, "GET", "g", "/x", "198.51.100.1"));
        assertThat(refused(world.authenticator.authenticate(elsewhere))).isEqualTo("token_source");
    }

    @Test
    void everyKindOfRevocationEndsATokenThatIsAlreadyRemembered() {
        // What ends the key as well comes last.
        for (Kind kind :
                List.of(Kind.TOKEN, Kind.KEY, Kind.GRANT, Kind.EVERYTHING, Kind.PRINCIPAL)) {
            String token = token();
            Principal caller = accepted(world.use(token));
            String id =
                    switch (kind) {
                        case TOKEN -> caller.credential().id();
                        case PRINCIPAL -> "alice";
                        case KEY -> key.key().id();
                        case GRANT -> Revocation.grant("alice", "consumer");
                        case EVERYTHING -> "*";
                    };
            world.revocations.revoke(kind, "default", id, "");
            String reason = kind == Kind.EVERYTHING ? "token_key_unknown" : "token_revoked";
            assertThat(refused(world.use(token))).as("%s", kind).isEqualTo(reason);
        }
        assertThat(refused(world.use(key.secret().reveal()))).isEqualTo("principal_revoked");
    }

    @Test
    void otherTokensLiveOn() {
        String mine = token();
        String other = token();
        accepted(world.use(mine));
        String id = accepted(world.use(other)).credential().id();
        world.revocations.revoke(Kind.TOKEN, "default", id, "");
        accepted(world.use(mine));
        assertThat(refused(world.use(other))).isEqualTo("token_revoked");
    }

    @Test
    void whatWasExchangedForATokenEndsWithIt() {
        String first = token();
        String second = world.token(first);
        String id = accepted(world.use(first)).credential().id();
        accepted(world.use(second));
        world.revocations.revoke(Kind.TOKEN, "default", id, "");
        assertThat(refused(world.use(second))).isEqualTo("token_revoked");
    }

    @Test
    void revokingEverythingDropsTheSigningKeyToo() {
        String token = token();
        String before = new String(world.tokens.jwks(), StandardCharsets.UTF_8);
        world.revocations.revoke(Kind.EVERYTHING, "default", "*", "");
        assertThat(new String(world.tokens.jwks(), StandardCharsets.UTF_8)).isNotEqualTo(before);
        assertThat(refused(world.use(token))).isEqualTo("token_key_unknown");
        accepted(world.use(token()));
        assertThat(world.kept.changes).containsExactly("created", "replaced");
    }

    @Test
    void keysRotateWithoutATokenBeingRefused() {
        String last = freshKeyToken();
        for (int i = 0; i < 600; i++) {
            world.clock.advance(Duration.ofMinutes(5));
            accepted(world.use(last));
            last = freshKeyToken();
            accepted(world.use(last));
        }
        assertThat(world.kept.changes).containsExactly("created", "rotated", "rotated");
    }

    private String freshKeyToken() {
        return world.token(world.consumer().secret().reveal());
    }

    @Test
    void aRestartKnowsTheTokensOfTheLifeBefore() {
        String token = token();
        AtlasTokens again =
                new AtlasTokens(
                        AtlasTokens.Rules.of(TokenWorld.ISSUER),
                        world.kept,
                        world.revocations,
                        world.clock);
        Presented presented = world.request("POST", "/v1/x", TokenWorld.bearer(token), List.of());
        assertThat(
                        again.authenticate(
                                Sensitive.of(token),
                                false,
                                presented,
                                atlas.identity.Authenticator.OwnTokens.Look.ARRIVING))
                .get()
                .isInstanceOf(Authentication.Authenticated.class);
        assertThat(world.kept.changes).containsExactly("created");
    }

    @Test
    void aTokenOfAnotherIssuerIsSomebodyElsesToJudge() {
        AtlasTokens other =
                new AtlasTokens(
                        AtlasTokens.Rules.of("https://other.test"),
                        new TokenWorld.Memory(),
                        world.revocations,
                        world.clock);
        String token = token();
        Presented presented = world.request("GET", "/", TokenWorld.bearer(token), List.of());
        assertThat(
                        other.authenticate(
                                Sensitive.of(token),
                                false,
                                presented,
                                atlas.identity.Authenticator.OwnTokens.Look.ARRIVING))
                .isEmpty();
    }

    @Test
    void aGatewayWithoutAStoreKnowsWhatIsRevokedByStatements() {
        Revocations follower = Revocations.follower(Duration.ofSeconds(10), world.clock);
        AtlasTokens.Keys published =
                AtlasTokens.Keys.of(new String(world.tokens.jwks(), StandardCharsets.UTF_8));
        TokenVerifier verifier =
                new TokenVerifier(TokenWorld.ISSUER, published, follower, world.clock);
        Authenticator remote =
                new Authenticator(
                        world.keys,
                        world.issuers,
                        new atlas.identity.WorkloadTrust(
                                List.of(world.authority.root()),
                                "atlas.test",
                                List.of(),
                                world.clock),
                        verifier,
                        follower,
                        world.clock);
        String token = token();
        Presented presented = world.request("POST", "/v1/x", TokenWorld.bearer(token), List.of());

        assertThat(remote.authenticate(presented)).isInstanceOf(Authentication.Unavailable.class);
        String early = world.tokens.statement();
        assertThat(AtlasTokens.follow(follower, early, TokenWorld.ISSUER, published)).isTrue();
        String id = accepted(remote.authenticate(presented)).credential().id();

        world.revocations.revoke(Kind.TOKEN, "default", id, "");
        String late = world.tokens.statement();
        AtlasTokens.follow(follower, late, TokenWorld.ISSUER, published);
        assertThat(refused(remote.authenticate(presented))).isEqualTo("token_revoked");
        assertThat(AtlasTokens.follow(follower, early, TokenWorld.ISSUER, published)).isFalse();
        assertThat(refused(remote.authenticate(presented))).isEqualTo("token_revoked");

        world.clock.advance(Duration.ofSeconds(11));
        assertThat(remote.authenticate(presented))
                .as("stale knowledge is neither yes nor no")
                .isInstanceOf(Authentication.Unavailable.class);
    }

    @Test
    void anOutageOfTheKeyStoreIsNoNoAndTokensDoNotNoticeIt() {
        String token = token();
        ApiKeys.Issued known = world.consumer();
        world.store.away = true;
        accepted(world.use(token));
        accepted(world.use(token));
        assertThat(world.use(known.secret().reveal()))
                .isInstanceOf(Authentication.Unavailable.class);
        assertThat(
                        world.ask(
                                world.tokenRequest(TokenWorld.bearer(known.secret().reveal())),
                                "grant_type",
                                TokenExchange.EXCHANGE))
                .isInstanceOf(TokenExchange.Outcome.Unavailable.class);
        world.store.away = false;
        accepted(world.use(known.secret().reveal()));
    }

    @Test
    void believesNoStatementButTheAuthoritys() {
        Revocations follower = Revocations.follower(Duration.ofSeconds(10), world.clock);
        AtlasTokens.Keys published =
                AtlasTokens.Keys.of(new String(world.tokens.jwks(), StandardCharsets.UTF_8));
        AtlasTokens stranger =
                new AtlasTokens(
                        AtlasTokens.Rules.of(TokenWorld.ISSUER),
                        new TokenWorld.Memory(),
                        Revocations.unkept(world.clock),
                        world.clock);
        String good = world.tokens.statement();
        String altered = good.substring(0, good.length() - 4) + "AAAA";
        for (String bad : List.of(stranger.statement(), altered, token(), "x", "a.b.c")) {
            assertThatThrownBy(
                            () -> AtlasTokens.follow(follower, bad, TokenWorld.ISSUER, published))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(follower.current(world.clock.instant())).isFalse();
        // And a statement is no token.
        assertThat(refused(world.use(good))).isEqualTo("token_type");
    }

    @Test
    void whatIsUnderWayIsAskedAgainWithoutItsProof() {
        String token = world.boundToken(key.secret().reveal());
        String proof = world.proof(world.holder, "POST", "/v1/x", token);
        Presented presented =
                world.request(
                        "POST",
                        "/v1/x",
                        Map.of("authorization", List.of("DPoP " + token), "dpop", List.of(proof)),
                        List.of());
        Principal caller = accepted(world.authenticator.authenticate(presented));
        assertThat(refused(world.authenticator.authenticate(presented))).isEqualTo("dpop_replayed");
        accepted(world.authenticator.again(presented));
        world.revocations.revoke(Kind.TOKEN, "default", caller.credential().id(), "");
        assertThat(refused(world.authenticator.again(presented))).isEqualTo("token_revoked");
    }

    @Test
    void aConsoleSessionIsGivenATokenOfItsOwnReach() {
        Principal session =
                new Principal(
                        "bob",
                        Principal.Kind.HUMAN,
                        "default",
                        Set.of(Role.AUDITOR),
                        List.of(),
                        new Principal.Credential(
                                Principal.Credential.Kind.SESSION,
                                "session-1",
                                world.clock.instant(),
                                world.clock.instant().plusSeconds(90),
                                Optional.<WorkloadId>empty(),
                                Optional.of("key-9")));
        AtlasTokens.Issued issued =
                world.tokens.issue(session, Presented.Request.GATEWAY, List.of(), 0);
        String token = issued.token().reveal();
        Principal caller = accepted(world.use(token));
        assertThat(caller.roles()).containsExactly(Role.AUDITOR);
        assertThat(issued.secondsFrom(world.clock.instant())).isEqualTo(90);
        world.revocations.revoke(Kind.TOKEN, "default", "session-1", "signed out");
        assertThat(refused(world.use(token))).isEqualTo("token_revoked");
        assertThatThrownBy(
                        () -> world.tokens.issue(caller, Presented.Request.GATEWAY, List.of(), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aTokenIsNotIssuedWithAKeyThatCouldNotBeKept() {
        world.clock.advance(Duration.ofHours(23).plusMinutes(58));
        world.kept.broken = true;
        assertThatThrownBy(this::freshKeyToken).hasMessage("disk full");
        world.kept.broken = false;
        accepted(world.use(freshKeyToken()));
    }
}

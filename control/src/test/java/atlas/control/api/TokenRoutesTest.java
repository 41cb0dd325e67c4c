package atlas.control.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.control.login.SessionLimits;
import atlas.control.login.Sessions;
import atlas.core.AuditEvent;
import atlas.core.AuditLog;
import atlas.core.Principal;
import atlas.core.Principal.Credential;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.identity.ApiKeys;
import atlas.identity.Authentication;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authenticator.OwnTokens.Look;
import atlas.identity.MemoryApiKeyStore;
import atlas.identity.Presented;
import atlas.identity.revocation.Revocations;
import atlas.identity.revocation.Revocations.Revocation.Kind;
import atlas.identity.token.AtlasTokens;
import atlas.runtime.http.Exchange;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class TokenRoutesTest {
    private final Clock clock = Clock.fixed(Instant.parse("2026-11-24T12:00:00Z"), ZoneOffset.UTC);
    private final Revocations revocations = Revocations.unkept(clock);
    private final AtlasTokens tokens =
            new AtlasTokens(
                    AtlasTokens.Rules.of("https://atlas.test"),
                    new Forgetting(),
                    revocations,
                    clock);
    private final AuditLog journal = new Journal();
    private final Route route =
            new TokenRoutes(
                            new ControlRoutes.Tokens(tokens, revocations),
                            new ApiKeys(new MemoryApiKeyStore(), Sensitive.of(new byte[32]), clock),
                            new Sessions(SessionLimits.defaults(), journal, _ -> false, clock),
                            journal,
                            clock)
                    .routes()
                    .getFirst();

    private static final class Forgetting implements AtlasTokens.Keeping {
        @Override
        public Optional<byte[]> read() {
            return Optional.empty();
        }

        @Override
        public void write(byte[] keys, String change, String keyId) {}
    }

    private static final class Journal implements AuditLog {
        @Override
        public CompletableFuture<Receipt> submit(AuditEvent event) {
            return CompletableFuture.completedFuture(
                    new Receipt(0, Hashes.sha256(event.toString())));
        }
    }

    private Act planned(BooleanSupplier holds) throws Exception {
        Exchange exchange =
                (Exchange)
                        Proxy.newProxyInstance(
                                Exchange.class.getClassLoader(),
                                new Class<?>[] {Exchange.class},
                                (_, method, _) ->
                                        switch (method.getName()) {
                                            case "requestId" -> "req_1";
                                            case "source" -> "127.0.0.1";
                                            case "query" -> "";
                                            case "body" -> new byte[0];
                                            default -> throw new AssertionError(method);
                                        });
        Principal signedIn =
                new Principal(
                        "bob",
                        Principal.Kind.HUMAN,
                        Principal.DEFAULT_TENANT,
                        Set.of(Role.AUDITOR),
                        List.of(),
                        new Credential(
                                Credential.Kind.SESSION,
                                "ses_1",
                                clock.instant(),
                                clock.instant().plusSeconds(3600),
                                Optional.empty()));
        Call call =
                new Call(
                        exchange,
                        new Caller(signedIn, holds),
                        route,
                        "test",
                        Map.of(),
                        Input.read(route, exchange));
        assertThat(route.operation()).isInstanceOf(Route.Operation.Acting.class);
        return ((Route.Operation.Acting) route.operation()).plan(call);
    }

    @Test
    void aSessionThatEndedWhileItsCallWasRecordedGetsNoToken() throws Exception {
        AtomicBoolean open = new AtomicBoolean(true);
        Act act = planned(open::get);
        open.set(false);
        assertThatThrownBy(act.effect()::run).isInstanceOf(Refusal.class);
    }

    @Test
    void aSessionThatEndsWhileItsTokenIsMadeTakesTheTokenWithIt() throws Exception {
        Act act =
                planned(() -> {
                    // It ends right after the last look at it.
                    revocations.revoke(
                            Kind.TOKEN, Principal.DEFAULT_TENANT, "ses_1", "session ended");
                    return true;
                });
        String answer = new String(act.effect().run().reply().body(), StandardCharsets.UTF_8);
        String token = answer.replaceFirst("(?s).*\"access_token\":\"([^\"]+)\".*", "$1");
        Presented presented = Presented.bearer(Sensitive.of(token));
        Optional<Authentication> outcome =
                tokens.authenticate(Sensitive.of(token), false, presented, Look.ARRIVING);
        assertThat(outcome)
                .hasValueSatisfying(no -> {
                    assertThat(no).isInstanceOf(Rejected.class);
                    assertThat(((Rejected) no).reason()).isEqualTo("token_revoked");
                });
    }
}

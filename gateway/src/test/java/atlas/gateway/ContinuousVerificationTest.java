package atlas.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.InferenceDenied;
import atlas.core.AuditEvent.InferenceOutcome;
import atlas.core.ModelRef;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.gateway.WholeGateway.Open;
import atlas.identity.ApiKeys;
import atlas.identity.KeyLimits;
import atlas.identity.revocation.Revocations.Revocation.Kind;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a running answer rests on is taken back, over real TLS: it ends within the second. */
@Timeout(60)
class ContinuousVerificationTest {
    /** The promise. */
    private static final long WITHIN_MILLIS = 1000;

    @TempDir Path directory;
    private final CompletableFuture<Void> goOn = new CompletableFuture<>();
    private final AtomicInteger givenUp = new AtomicInteger();
    private final FickleStore store = new FickleStore();
    private WholeGateway whole;

    @BeforeEach
    void start() throws Exception {
        whole = new WholeGateway(directory, store);
        whole.engine = WholeGateway.talking(goOn, givenUp);
    }

    @AfterEach
    void stop() {
        goOn.complete(null);
        whole.close();
    }

    /** A revocation, and what the journal says of it. */
    private interface Act {
        void run(ApiKeys.Issued key) throws Exception;
    }

    private void endsAnsweringTo(String reason, Act act) throws Exception {
        ApiKeys.Issued ada = whole.issue("ada");
        Open taken = whole.open(ada);

        act.run(ada);

        String text = taken.ended(WITHIN_MILLIS);
        assertThat(text)
                .contains("first words")
                .doesNotContain("[DONE]")
                .doesNotContain("end.\"")
                .endsWith(
                        "data: {\"error\":{\"message\":\"the access that this answer rested on was"
                                + " taken back; it ends here\",\"type\":\"permission_error\","
                                + "\"param\":null,\"code\":\"access_revoked\"}}\n\n");
        InferenceOutcome outcome = whole.journal.await(InferenceOutcome.class);
        assertThat(outcome.status()).isEqualTo("revoked");
        assertThat(outcome.error()).startsWith(reason);
        assertThat(outcome.actor().principal()).isEqualTo("ada");
        assertThat(outcome.answer().bytes()).isEqualTo(text.getBytes(UTF_8).length);
        assertThat(whole.metrics.openMetrics()).contains("atlas_live_requests_ended_total 1.0");
    }

    @Test
    void aRevokedKeyEndsItsStream() throws Exception {
        endsAnsweringTo("key_revoked", key -> whole.keys.revoke(key.key().id()));
    }

    @Test
    void aKeyRotatedWithoutOverlapEndsItsStream() throws Exception {
        endsAnsweringTo("key_revoked", key -> whole.keys.rotate(key.key().id(), Duration.ZERO));
    }

    @Test
    void aRevokedGrantEndsTheStream() throws Exception {
        endsAnsweringTo("no role allows this", _ -> whole.grants.remove("ada", Role.CONSUMER));
    }

    @Test
    void aRevokedPrincipalEndsItsStream() throws Exception {
        endsAnsweringTo(
                "principal_revoked",
                _ ->
                        whole.revocations.revoke(
                                Kind.PRINCIPAL,
                                Principal.DEFAULT_TENANT,
                                "ada",
                                "left the company"));
    }

    @Test
    void aTokenOfARevokedKeyEndsItsStream() throws Exception {
        ApiKeys.Issued key = whole.issue("ada");
        Open taken = whole.open(whole.exchanged(key));

        whole.revocations.revoke(Kind.KEY, Principal.DEFAULT_TENANT, key.key().id(), "key revoked");

        assertThat(taken.ended(WITHIN_MILLIS)).contains("access_revoked").doesNotContain("[DONE]");
        assertThat(whole.journal.await(InferenceOutcome.class).status()).isEqualTo("revoked");
    }

    @Test
    void aRevokedTokenEndsItsStreamAndNoOther() throws Exception {
        ApiKeys.Issued key = whole.issue("ada");
        Open other = whole.open(whole.exchanged(key));
        String token = whole.exchanged(key);
        Open taken = whole.open(token);

        whole.revocations.revoke(Kind.TOKEN, Principal.DEFAULT_TENANT, id(token), "stolen");

        assertThat(taken.ended(WITHIN_MILLIS)).contains("access_revoked");
        assertThat(other.running()).isTrue();
    }

    /** The id in a token. */
    private static String id(String token) {
        String payload = new String(Base64.getUrlDecoder().decode(token.split("\\.")[1]), UTF_8);
        int at = payload.indexOf("\"jti\":\"") + 7;
        return payload.substring(at, payload.indexOf('"', at));
    }

    @Test
    void aRetiredModelEndsItsStreams() throws Exception {
        endsAnsweringTo(
                "model_withdrawn",
                _ -> whole.registry.retire(new ModelRef("llama", 1), WholeGateway.APPROVER));
    }

    @Test
    void aModelWhoseSignerIsTrustedNoMoreEndsItsStreams() throws Exception {
        endsAnsweringTo(
                "model_withdrawn", _ -> whole.registry.trust(atlas.registry.TrustedSigners.none()));
    }

    @Test
    void aVersionThatIsRolledBackEndsItsStreams() throws Exception {
        whole.deploy("llama");
        endsAnsweringTo(
                "model_rolled_back", _ -> whole.registry.rollback("llama", WholeGateway.APPROVER));
    }

    @Test
    void anExpiredKeyEndsItsStreamThoughNobodySaysAnything() throws Exception {
        ApiKeys.Issued brief = whole.issue("ada", KeyLimits.NONE, Duration.ofMillis(1500));
        Open taken = whole.open(brief);

        String text = taken.ended(20_000);

        assertThat(Instant.now()).isAfter(brief.key().expires());
        assertThat(text).contains("access_revoked").doesNotContain("[DONE]");
        assertThat(whole.journal.await(InferenceOutcome.class).error()).isEqualTo("key_expired");
    }

    @Test
    void otherStreamsGoOnToTheirEnd() throws Exception {
        ApiKeys.Issued ada = whole.issue("ada");
        ApiKeys.Issued adasOther = whole.issue("ada");
        Open taken = whole.open(ada);
        List<Open> others = List.of(whole.open(whole.issue("bob")), whole.open(adasOther));

        whole.keys.revoke(ada.key().id());
        taken.ended(WITHIN_MILLIS);
        assertThat(others).allMatch(Open::running);
        goOn.complete(null);

        for (Open other : others) {
            assertThat(other.ended(10_000)).contains("end.").endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void aNewerVersionLetsTheOldOneEndWhatItBegan() throws Exception {
        Open running = whole.open(whole.issue("ada"));
        whole.deploy("llama");
        // A change that does end something shows that the round is over.
        ApiKeys.Issued bob = whole.issue("bob");
        Open taken = whole.open(bob);
        whole.keys.revoke(bob.key().id());
        taken.ended(WITHIN_MILLIS);

        assertThat(running.running()).isTrue();
        goOn.complete(null);
        assertThat(running.ended(10_000)).endsWith("data: [DONE]\n\n");
    }

    @Test
    void theEngineIsToldToStop() throws Exception {
        ApiKeys.Issued ada = whole.issue("ada");
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        whole.engine =
                exchange -> {
                    exchange.onClose(() -> stopped.complete(null));
                    WholeGateway.talking(goOn, givenUp).handle(exchange);
                };
        Open taken = whole.open(ada);
        whole.keys.revoke(ada.key().id());
        taken.ended(WITHIN_MILLIS);
        stopped.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aRequestThatWaitsForItsAnswerIsRefusedInstead() throws Exception {
        for (String extra : List.of("", ",\"stream\":true")) {
            CompletableFuture<Void> asked = new CompletableFuture<>();
            CompletableFuture<Void> stopped = new CompletableFuture<>();
            whole.engine = WholeGateway.thinking(asked, stopped);
            ApiKeys.Issued ada = whole.issue("ada");
            CompletableFuture<HttpResponse<String>> pending = whole.asking(ada, extra);
            asked.get(20, TimeUnit.SECONDS);

            whole.keys.revoke(ada.key().id());

            HttpResponse<String> answer = pending.get(WITHIN_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).contains("\"code\":\"access_revoked\"");
            assertThat(answer.headers().firstValue("atlas-journal-entry")).isPresent();
            stopped.get(10, TimeUnit.SECONDS);
        }
        assertThat(whole.journal.of(InferenceOutcome.class))
                .extracting(InferenceOutcome::status, InferenceOutcome::error)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("revoked", "key_revoked"),
                        org.assertj.core.groups.Tuple.tuple("revoked", "key_revoked"));
    }

    @Test
    void aWholeAnswerThatIsHalfHereIsNotGivenOut() throws Exception {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        whole.engine =
                exchange -> {
                    exchange.onClose(() -> stopped.complete(null));
                    try (var out =
                            exchange.stream(
                                    200,
                                    atlas.runtime.http.Headers.of(
                                            "content-type", "application/json"))) {
                        out.write(World.WHOLE.substring(0, 100).getBytes(UTF_8));
                        out.flush();
                        begun.complete(null);
                        stopped.join();
                    }
                };
        ApiKeys.Issued ada = whole.issue("ada");
        CompletableFuture<HttpResponse<String>> pending = whole.asking(ada, "");
        begun.get(20, TimeUnit.SECONDS);

        whole.grants.remove("ada", Role.CONSUMER);

        HttpResponse<String> answer = pending.get(WITHIN_MILLIS, TimeUnit.MILLISECONDS);
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).doesNotContain("hello");
        stopped.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aKeyRevokedAnInstantBeforeIsAStrangersAgain() throws Exception {
        ApiKeys.Issued ada = whole.issue("ada");
        whole.keys.revoke(ada.key().id());
        assertThat(whole.ask(ada, "").statusCode()).isEqualTo(401);
        assertThat(whole.journal.of(InferenceDenied.class)).isEmpty();
    }

    @Test
    void aStreamThatNobodyCanJudgeGoesOnForAWhileAndNoLonger() throws Exception {
        ApiKeys.Issued ada = whole.issue("ada");
        Open running = whole.open(ada);
        store.away = true;
        // Something changes, and whether it concerns this stream cannot be told.
        whole.grants.remove("nobody", Role.CONSUMER);
        whole.grant("carol");

        String text = running.ended(30_000);

        assertThat(text).contains("\"code\":\"unavailable\"").doesNotContain("[DONE]");
        InferenceOutcome outcome = whole.journal.await(InferenceOutcome.class);
        assertThat(outcome.status()).isEqualTo("failed");
        assertThat(outcome.error()).contains("key store");
    }

    @Test
    void aStreamOutlivesAnOutageThatIsShort() throws Exception {
        ApiKeys.Issued ada = whole.issue("ada");
        Open running = whole.open(ada);
        store.away = true;
        whole.grant("carol");
        store.askedInVain.get(10, TimeUnit.SECONDS);
        store.away = false;
        goOn.complete(null);
        assertThat(running.ended(10_000)).endsWith("data: [DONE]\n\n");
    }
}

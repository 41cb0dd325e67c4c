package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.AccessRefusals;
import atlas.core.AuditEvent.AccessRefused;
import atlas.core.AuditEvent.InferenceDenied;
import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.InferenceOutcome;
import atlas.core.Cidr;
import atlas.identity.ApiKey;
import atlas.identity.ApiKeys;
import atlas.identity.KeyLimits;
import atlas.identity.KeyLimits.Allowance;
import atlas.identity.MemoryApiKeyStore;
import atlas.runtime.http.Headers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a key is bound to, and how much it may use, over real TLS. */
@Timeout(60)
class KeyLimitsTest {
    /** Of which the engine says that it used 30. */
    private static final String ANSWER =
            World.WHOLE
                    .replace("\"total_tokens\":3", "\"total_tokens\":30")
                    .replace("\"prompt_tokens\":2", "\"prompt_tokens\":20")
                    .replace("\"completion_tokens\":1", "\"completion_tokens\":10");

    @TempDir Path directory;
    private final MemoryApiKeyStore store = new MemoryApiKeyStore();
    private WholeGateway whole;

    @BeforeEach
    void start() throws Exception {
        whole = new WholeGateway(directory, store);
        whole.engine =
                exchange ->
                        exchange.respond(
                                200,
                                Headers.of("content-type", "application/json"),
                                ANSWER.getBytes(StandardCharsets.UTF_8));
    }

    @AfterEach
    void stop() {
        whole.close();
    }

    private ApiKeys.Issued limited(KeyLimits limits) {
        return whole.issue("ada", limits, Duration.ofDays(100));
    }

    private static KeyLimits tokens(String budget) {
        return new KeyLimits(List.of(), Optional.of(Allowance.parse(budget)), Optional.empty());
    }

    private static KeyLimits from(String network) {
        return new KeyLimits(List.of(Cidr.parse(network)), Optional.empty(), Optional.empty());
    }

    @Test
    void aSpentBudgetRefusesUntilItIsRenewed() throws Exception {
        ApiKeys.Issued key = limited(tokens("100/8784h"));
        for (int i = 0; i < 3; i++) {
            assertThat(whole.ask(key, ",\"max_tokens\":10").statusCode()).isEqualTo(200);
        }

        HttpResponse<String> refused = whole.ask(key, ",\"max_tokens\":10");

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body())
                .contains("\"code\":\"budget_exhausted\"", "10 left of 100/8784h")
                .doesNotContain(key.secret().reveal());
        assertThat(Long.parseLong(refused.headers().firstValue("retry-after").orElseThrow()))
                .isPositive();
        InferenceDenied denied = whole.journal.await(InferenceDenied.class);
        assertThat(denied.step()).isEqualTo("afford");
        assertThat(denied.code()).isEqualTo("budget_exhausted");
        assertThat(whole.ask(whole.issue("ada"), "").statusCode()).isEqualTo(200);
    }

    @Test
    void countsStreamsByWhatTheEngineCounted() throws Exception {
        CompletableFuture<Void> now = CompletableFuture.completedFuture(null);
        whole.engine = WholeGateway.talking(now, new AtomicInteger());
        ApiKeys.Issued key = limited(tokens("100/8784h"));
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> answer = whole.ask(key, ",\"stream\":true,\"max_tokens\":10");
            assertThat(answer.body()).endsWith("data: [DONE]\n\n");
        }
        assertThat(whole.ask(key, ",\"stream\":true,\"max_tokens\":10").body())
                .contains("10 left of 100/8784h");
    }

    @Test
    void saysWhenOneRequestAloneWouldTakeMoreThanTheBudget() throws Exception {
        ApiKeys.Issued key = limited(tokens("100/1h"));
        HttpResponse<String> refused = whole.ask(key, ",\"max_tokens\":10,\"n\":10");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("ask for fewer `max_tokens`");
    }

    @Test
    void requestsSideBySideCannotOvershoot() throws Exception {
        // Ten fit by what they may take; the engine takes as much as it is asked for.
        whole.engine =
                exchange ->
                        exchange.respond(
                                200,
                                Headers.of("content-type", "application/json"),
                                ANSWER.replace("\"prompt_tokens\":20", "\"prompt_tokens\":7")
                                        .replace(":10,\"total", ":93,\"total")
                                        .getBytes(StandardCharsets.UTF_8));
        ApiKeys.Issued key = limited(tokens("1000/8784h"));
        List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            asked.add(whole.asking(key, ",\"max_tokens\":92"));
        }
        int served = 0;
        for (CompletableFuture<HttpResponse<String>> each : asked) {
            HttpResponse<String> answer = each.get(30, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isIn(200, 429);
            served += answer.statusCode() == 200 ? 1 : 0;
        }
        assertThat(served).isEqualTo(10);
        assertThat(whole.journal.of(InferenceIntent.class)).hasSize(10);
    }

    @Test
    void hangingUpBeforeTheEngineHasCountedIsNotFree() throws Exception {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        whole.engine = WholeGateway.thinking(asked, new CompletableFuture<>());
        ApiKeys.Issued key = limited(tokens("100/8784h"));
        CompletableFuture<HttpResponse<String>> pending = whole.asking(key, ",\"max_tokens\":80");
        asked.get(20, TimeUnit.SECONDS);
        pending.cancel(true);
        assertThat(whole.journal.await(InferenceOutcome.class).status()).isEqualTo("cancelled");

        HttpResponse<String> next = whole.ask(key, ",\"max_tokens\":80");
        assertThat(next.statusCode()).as(next.body()).isEqualTo(429);
    }

    @Test
    void whatNoEngineWasAskedCostsNothing() throws Exception {
        ApiKeys.Issued key = limited(tokens("100/8784h"));
        whole.engine = exchange -> exchange.respond(500, Headers.none(), new byte[0]);
        for (int i = 0; i < 3; i++) {
            assertThat(whole.ask(key, ",\"max_tokens\":80").statusCode()).isEqualTo(502);
        }
        assertThat(whole.ask(key, ",\"max_tokens\":80").statusCode()).isEqualTo(502);
    }

    @Test
    void whatIsSpentIsSpentAfterARestart() throws Exception {
        ApiKeys.Issued key = limited(tokens("100/8784h"));
        whole.ask(key, ",\"max_tokens\":10");
        whole.spending.close();
        assertThat(whole.spent.find(key.key().id()).orElseThrow().tokens()).isEqualTo(30);
    }

    @Test
    void aTokenSpendsTheBudgetOfTheKeyItWasExchangedFor() throws Exception {
        ApiKeys.Issued key = limited(tokens("100/8784h"));
        String token = whole.exchanged(key);
        for (int i = 0; i < 3; i++) {
            assertThat(whole.ask(token, ",\"max_tokens\":10").statusCode()).isEqualTo(200);
        }
        assertThat(whole.ask(token, ",\"max_tokens\":10").statusCode()).isEqualTo(429);
        assertThat(whole.ask(key, ",\"max_tokens\":10").statusCode()).isEqualTo(429);
        String another = whole.exchanged(key);
        assertThat(whole.ask(another, ",\"max_tokens\":10").statusCode()).isEqualTo(429);
    }

    @Test
    void aKeyThatAsksTooOftenWaits() throws Exception {
        ApiKeys.Issued key =
                limited(
                        new KeyLimits(
                                List.of(), Optional.empty(), Optional.of(Allowance.parse("2/1h"))));
        whole.ask(key, "");
        whole.ask(key, "");
        HttpResponse<String> refused = whole.ask(key, "");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("\"code\":\"rate_limited\"");
        assertThat(Long.parseLong(refused.headers().firstValue("retry-after").orElseThrow()))
                .isBetween(1700L, 1800L);
    }

    @Test
    void aKeyUsedFromElsewhereIsAStrangers() throws Exception {
        HttpResponse<String> stranger = whole.get("/v1/models", "nonsense");
        ApiKeys.Issued far = limited(from("10.0.0.0/8"));

        HttpResponse<String> refused = whole.ask(far, "");

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).isEqualTo(stranger.body());
        assertThat(refused.headers().map().keySet()).isEqualTo(stranger.headers().map().keySet());
        assertThat(whole.journal.of(AccessRefused.class))
                .extracting(AccessRefused::reason)
                .containsExactly("token_malformed", "key_source");
        assertThat(whole.ask(limited(from("127.0.0.0/8")), "").statusCode()).isEqualTo(200);
    }

    @Test
    void tellsTheHolderOfAnOverdueKeyWhyAndNobodyElse() throws Exception {
        ApiKeys.Issued key = limited(KeyLimits.NONE);
        ApiKeys.Issued farKey = limited(from("10.0.0.0/8"));
        age(key.key(), Duration.ofDays(91));
        age(farKey.key(), Duration.ofDays(91));
        String stranger = whole.get("/v1/models", "nonsense").body();

        HttpResponse<String> holder = whole.ask(key, "");
        assertThat(holder.statusCode()).isEqualTo(401);
        assertThat(holder.body())
                .contains(
                        "\"code\":\"invalid_credential\"",
                        key.key().id(),
                        "atlas key rotate " + key.key().id());

        String text = key.secret().reveal();
        String id = key.key().id();
        String other = whole.issue("bob").secret().reveal();
        for (String guess :
                List.of(text.substring(0, 60), other.replace(other.substring(6, 22), id))) {
            assertThat(whole.get("/v1/models", guess).body()).isEqualTo(stranger);
        }
        assertThat(whole.ask(farKey, "").body()).isEqualTo(stranger);
    }

    private void age(ApiKey key, Duration by) {
        store.put(
                new ApiKey(
                        key.id(),
                        key.principal(),
                        key.kind(),
                        key.tenant(),
                        key.roles(),
                        key.models(),
                        key.limits(),
                        key.issued().minus(by),
                        key.expires(),
                        key.revoked(),
                        key.replacedBy(),
                        key.lastUsed(),
                        key.note(),
                        key.hash()));
    }

    @Test
    void aKeyThatIsRefusedAgainAndAgainDoesNotFillTheJournal() throws Exception {
        ApiKeys.Issued key = limited(tokens("100/1h"));
        for (int i = 0; i < Strangers.SINGLE_PER_CALLER + 12; i++) {
            HttpResponse<String> refused = whole.ask(key, ",\"max_tokens\":10,\"n\":10");
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().firstValue("retry-after"))
                    .as("waiting does not help")
                    .isEmpty();
        }
        whole.close();
        assertThat(whole.journal.of(InferenceDenied.class)).hasSize(Strangers.SINGLE_PER_CALLER);
        assertThat(whole.journal.of(AccessRefusals.class))
                .singleElement()
                .satisfies(counted ->
                        assertThat(counted.countByReason()).containsEntry("budget_exhausted", 12L));
    }
}

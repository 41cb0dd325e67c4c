package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.InferenceOutcome;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.ApiKeys;
import atlas.identity.KeyLimits;
import atlas.identity.KeyLimits.Allowance;
import atlas.identity.MemoryApiKeyStore;
import atlas.identity.StoreUnavailableException;
import atlas.identity.spending.Spending;
import atlas.runtime.http.Headers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The key store goes away and comes back while many callers ask over real TLS: nobody with a valid
 * key is told that it is wrong, nobody else gets in, and nothing has to be restarted.
 */
@Timeout(120)
class StoreOutageTest {
    private static final int CALLERS = 8;
    private static final int OUTAGES = 3;

    @TempDir Path directory;
    private final FickleStore store = new FickleStore();
    private WholeGateway whole;
    private String unknown = "";

    @BeforeEach
    void start() throws Exception {
        whole = new WholeGateway(directory, store);
        whole.engine =
                exchange ->
                        exchange.respond(
                                200,
                                Headers.of("content-type", "application/json"),
                                World.WHOLE.getBytes(StandardCharsets.UTF_8));
        // Well formed, with a good checksum, of another installation.
        unknown =
                new ApiKeys(new MemoryApiKeyStore(), Sensitive.of(new byte[32]), Clock.systemUTC())
                        .issue(
                                new ApiKeys.KeyRequest(
                                        "ada",
                                        Principal.Kind.HUMAN,
                                        Principal.DEFAULT_TENANT,
                                        Set.of(Role.CONSUMER),
                                        List.of(new Glob("*")),
                                        Duration.ofHours(1),
                                        ""))
                        .secret()
                        .reveal();
    }

    @AfterEach
    void stop() {
        store.away = false;
        whole.close();
    }

    /** One call, and what came of it. */
    private record Seen(State state, int status) {}

    /** What the store was during a whole call, if it was one thing. */
    private enum State {
        THERE,
        AWAY,
        CHANGED
    }

    /** Calls until told to stop. */
    private final class Caller {
        private final ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();
        private final AtomicInteger inVain = new AtomicInteger();

        void run(CountDownLatch warm, AtomicBoolean over, AtomicInteger changes, Call call)
                throws Exception {
            while (!over.get()) {
                int before = changes.get();
                boolean wasAway = store.away;
                int status = call.status();
                // Only a call that no change fell into tells one state for sure.
                boolean sure = before % 2 == 0 && changes.get() == before;
                State state = !sure ? State.CHANGED : wasAway ? State.AWAY : State.THERE;
                seen.add(new Seen(state, status));
                if (status == 503) {
                    inVain.incrementAndGet();
                }
                warm.countDown();
            }
        }
    }

    private interface Call {
        int status() throws Exception;
    }

    @Test
    void noValidKeyIsRefusedAndNoUnknownKeyPassesWhileTheStoreComesAndGoes() throws Exception {
        ApiKeys.Issued valid = whole.issue("ada");
        ApiKeys.Issued revoked = whole.issue("bob");
        whole.keys.revoke(revoked.key().id());
        Call[] kinds = {
            () -> whole.ask(valid, "").statusCode(),
            () -> whole.get("/v1/models", valid.secret().reveal()).statusCode(),
            () -> whole.get("/v1/models", unknown).statusCode(),
            () -> whole.ask(revoked, "").statusCode()
        };
        List<Caller> callers = new ArrayList<>();
        CountDownLatch warm = new CountDownLatch(4 * CALLERS);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger changes = new AtomicInteger();
        List<Future<?>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CALLERS; i++) {
                Caller caller = new Caller();
                Call call = kinds[i % kinds.length];
                callers.add(caller);
                running.add(
                        threads.submit(() -> {
                            caller.run(warm, over, changes, call);
                            return null;
                        }));
            }
            assertThat(warm.await(60, TimeUnit.SECONDS)).isTrue();
            for (int outage = 1; outage <= OUTAGES; outage++) {
                change(changes, true);
                int goal = outage;
                await(callers, caller -> caller.inVain.get() >= goal * 3);
                change(changes, false);
                int sizes = callers.stream().mapToInt(c -> c.seen.size()).sum();
                await(callers, _ -> total(callers) >= sizes + 4 * CALLERS);
            }
            over.set(true);
            for (Future<?> each : running) {
                each.get(30, TimeUnit.SECONDS);
            }
        }

        for (int i = 0; i < CALLERS; i++) {
            int yes = i % kinds.length < 2 ? 200 : 401;
            for (Seen seen : callers.get(i).seen) {
                switch (seen.state) {
                    case THERE -> assertThat(seen.status).as("caller %d", i).isEqualTo(yes);
                    case AWAY -> assertThat(seen.status).as("caller %d", i).isEqualTo(503);
                    case CHANGED -> assertThat(seen.status).as("caller %d", i).isIn(yes, 503);
                }
            }
            assertThat(callers.get(i).seen)
                    .extracting(Seen::state)
                    .as("caller %d saw both", i)
                    .contains(State.THERE, State.AWAY);
        }
        assertThat(whole.journal.of(InferenceOutcome.class))
                .extracting(o -> o.actor().principal())
                .containsOnly("ada");
    }

    private void change(AtomicInteger changes, boolean away) {
        changes.incrementAndGet();
        store.away = away;
        changes.incrementAndGet();
    }

    private static int total(List<Caller> callers) {
        return callers.stream().mapToInt(c -> c.seen.size()).sum();
    }

    private static void await(List<Caller> callers, Predicate<Caller> holds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!callers.stream().allMatch(holds)) {
            assertThat(System.nanoTime()).as("waited in vain").isLessThan(end);
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    @Test
    void aKeyRevokedJustBeforeTheOutageIsNoPassDuringItAndAStrangersAfter() throws Exception {
        ApiKeys.Issued key = whole.issue("ada");
        whole.keys.revoke(key.key().id());
        store.away = true;
        assertThat(whole.ask(key, "").statusCode()).isEqualTo(503);
        store.away = false;
        assertThat(whole.ask(key, "").statusCode()).isEqualTo(401);
    }

    @Test
    void theRefusalOfAnOutageTellsNobodyWhetherTheirKeyIsGood() throws Exception {
        ApiKeys.Issued key = whole.issue("ada");
        store.away = true;
        HttpResponse<String> holder = whole.get("/v1/models", key.secret().reveal());
        HttpResponse<String> stranger = whole.get("/v1/models", unknown);
        assertThat(holder.statusCode()).isEqualTo(503);
        assertThat(stranger.statusCode()).isEqualTo(503);
        assertThat(holder.body()).isEqualTo(stranger.body()).contains("\"code\":\"unavailable\"");
        assertThat(holder.headers().firstValue("retry-after")).isPresent();
    }

    @Test
    void aBudgetThatCannotBeKeptLetsNothingPassAndHealsByItself() throws Exception {
        AtomicBoolean down = new AtomicBoolean();
        Spending.Store memory = Spending.Store.memory();
        whole.spendingStore =
                new Spending.Store() {
                    @Override
                    public Optional<Spending.Spent> find(String keyId) {
                        return memory.find(keyId);
                    }

                    @Override
                    public void put(String keyId, Spending.Spent spent) {
                        if (down.get()) {
                            throw new StoreUnavailableException("away", null);
                        }
                        memory.put(keyId, spent);
                    }
                };
        KeyLimits budget =
                new KeyLimits(
                        List.of(), Optional.of(Allowance.parse("1000/8784h")), Optional.empty());
        ApiKeys.Issued key = whole.issue("ada", budget, Duration.ofHours(1));
        down.set(true);
        CompletableFuture<HttpResponse<String>> asked = whole.asking(key, ",\"max_tokens\":10");
        assertThat(asked.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
        down.set(false);
        assertThat(whole.ask(key, ",\"max_tokens\":10").statusCode()).isEqualTo(200);
    }
}

package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.InferenceDenied;
import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.InferenceOutcome;
import atlas.guard.GuardException;
import atlas.identity.Authentication;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.Explanation;
import atlas.policy.PolicyDecisionPoint;
import atlas.policy.PolicyException;
import atlas.policy.Resource;
import atlas.registry.RegistryException;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamException.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every room and every write of the journey, failing: what is sent, told and recorded then. */
class JourneyFaultsTest {
    private final World world = new World();

    private FakeExchange chat() {
        return world.handle(World.chat(""));
    }

    private FakeExchange stream() {
        return world.handle(World.chat(",\"stream\":true"));
    }

    private InferenceOutcome outcome() {
        assertThat(world.journal.of(InferenceOutcome.class)).hasSize(1);
        return world.journal.of(InferenceOutcome.class).getFirst();
    }

    private static void unavailable(FakeExchange exchange) {
        assertThat(exchange.status).isEqualTo(503);
        assertThat(exchange.text()).contains("\"code\":\"unavailable\"");
        assertThat(exchange.answered.first("retry-after")).isPresent();
    }

    @Test
    void saysUnavailableAndNeverUnauthorizedWhenIdentityIsDown() {
        world.identity = _ -> new Authentication.Unavailable("the key store");

        unavailable(chat());

        assertThat(world.sent).isEmpty();
        assertThat(world.journal.events()).isEmpty();
    }

    @Test
    void saysUnavailableWhenIdentityThrows() {
        world.identity =
                _ -> {
                    throw new atlas.identity.StoreUnavailableException("gone", null);
                };

        unavailable(chat());
    }

    @Test
    void sendsNothingWhenPolicyIsDown() {
        world.policy =
                new PolicyDecisionPoint() {
                    @Override
                    public Decision decide(
                            atlas.core.Principal principal,
                            Action action,
                            Resource resource,
                            Circumstances circumstances) {
                        throw new PolicyException("grants unreadable", null);
                    }

                    @Override
                    public Explanation explain(
                            atlas.core.Principal principal,
                            Action action,
                            Resource resource,
                            Circumstances circumstances) {
                        throw new PolicyException("grants unreadable", null);
                    }

                    @Override
                    public void onChange(Runnable listener) {}
                };

        unavailable(chat());

        assertThat(world.sent).isEmpty();
        assertThat(world.journal.of(InferenceDenied.class))
                .extracting(InferenceDenied::step)
                .containsExactly("decide");
    }

    @Test
    void sendsNothingWhenTheRegistryIsDown() {
        world.registryFault = () -> new RegistryException("records unreadable", null);

        unavailable(chat());

        assertThat(world.sent).isEmpty();
    }

    @Test
    void sendsNothingWhenTheGuardIsDown() {
        world.guard =
                _ -> {
                    throw new GuardException("model gone");
                };

        unavailable(chat());

        assertThat(world.sent).isEmpty();
    }

    @Test
    void tellsADefectWithoutDetail() {
        world.guard =
                _ -> {
                    throw new IllegalStateException("internal detail");
                };

        FakeExchange exchange = chat();

        assertThat(exchange.status).isEqualTo(500);
        assertThat(exchange.text())
                .contains("\"code\":\"internal_error\"")
                .doesNotContain("internal detail");
        assertThat(world.sent).isEmpty();
    }

    @Test
    void sendsNothingWhenTheIntentCannotBeRecorded() {
        world.journal.refuse(e -> e instanceof InferenceIntent);

        unavailable(chat());

        assertThat(world.sent).isEmpty();
    }

    @Test
    void sendsNothingWhenTheJournalTakesNothing() {
        world.journal.refuse(_ -> true);

        unavailable(chat());
        unavailable(
                world.handle(
                        World.ask("ada", "/v1/chat/completions", World.body("other", "hi", ""))));

        assertThat(world.sent).isEmpty();
    }

    @Test
    void keepsTheAnswerWhenItsOutcomeCannotBeRecorded() {
        world.journal.refuse(e -> e instanceof InferenceOutcome);

        FakeExchange exchange = chat();

        unavailable(exchange);
        assertThat(exchange.text()).doesNotContain("hello");
    }

    @Test
    void abortsAStreamBeforeItsEndWhenItsOutcomeCannotBeRecorded() {
        world.engine = () -> FakeResponse.stream(World.STREAM);
        world.journal.refuse(e -> e instanceof InferenceOutcome);

        FakeExchange exchange = stream();

        assertThat(exchange.aborted).isTrue();
        assertThat(exchange.text()).contains("hel").doesNotContain("[DONE]");
    }

    @Test
    void saysWhetherAnEngineIsAwayOrBroken() {
        Map<Kind, Integer> expected =
                Map.of(
                        Kind.CONNECT, 503,
                        Kind.TLS, 503,
                        Kind.POOL_EXHAUSTED, 503,
                        Kind.TIMEOUT, 502,
                        Kind.PROTOCOL, 502,
                        Kind.CLOSED, 502,
                        Kind.TOO_LARGE, 502);
        for (Kind kind : Kind.values()) {
            World away = new World();
            away.engine =
                    () -> {
                        throw new UpstreamException(kind, "secret host name");
                    };

            FakeExchange exchange = away.handle(World.chat(""));

            assertThat(exchange.status).as(kind.name()).isEqualTo(expected.get(kind));
            assertThat(exchange.text()).doesNotContain("secret host name");
            assertThat(exchange.answered.first("atlas-journal-entry")).contains("0");
            InferenceOutcome outcome = away.journal.of(InferenceOutcome.class).getFirst();
            assertThat(outcome.status()).isEqualTo("failed");
            assertThat(outcome.intentIndex()).isZero();
        }
    }

    @Test
    void translatesWhatAnEngineRefuses() {
        Map<Integer, Integer> expected =
                Map.of(400, 400, 401, 502, 404, 502, 413, 400, 429, 429, 500, 502, 503, 503);
        expected.forEach((engine, told) -> {
            World other = new World();
            FakeResponse response =
                    FakeResponse.json(
                            engine, "{\"error\":{\"message\":\"the prompt is too long\"}}");
            other.engine = () -> response;

            FakeExchange exchange = other.handle(World.chat(""));

            assertThat(exchange.status).as("engine %d", engine).isEqualTo(told);
            assertThat(exchange.text().contains("the prompt is too long")).isEqualTo(told == 400);
            assertThat(response.closed).isTrue();
            assertThat(other.journal.of(InferenceOutcome.class).getFirst().error())
                    .isEqualTo("engine answered " + engine);
        });
    }

    @Test
    void refusesAnAnswerThatMakesNoSense() {
        for (String garbage : List.of("", "<html>", "{}", "{\"choices\":[]}")) {
            World broken = new World();
            broken.engine = () -> FakeResponse.json(200, garbage);

            FakeExchange exchange = broken.handle(World.chat(""));

            assertThat(exchange.status).isEqualTo(502);
            assertThat(exchange.text()).contains("\"code\":\"upstream_error\"");
            assertThat(broken.journal.of(InferenceOutcome.class).getFirst().status())
                    .isEqualTo("failed");
        }
    }

    @Test
    void refusesAnAnswerThatIsTooLarge() {
        world.engine = () -> FakeResponse.json(200, World.WHOLE + " ".repeat(5000));

        assertThat(chat().status).isEqualTo(502);
        assertThat(outcome().error()).isEqualTo("engine: too_large");
    }

    @Test
    void refusesAStreamThatIsNotOne() {
        world.engine = () -> FakeResponse.json(200, World.WHOLE);

        assertThat(stream().status).isEqualTo(502);
        assertThat(outcome().status()).isEqualTo("failed");
    }

    @Test
    void endsAStreamThatBreaksOffWithAnErrorAndNoDone() {
        world.engine = () -> FakeResponse.stream(World.STREAM).breakingOff();

        FakeExchange exchange = stream();

        assertThat(exchange.text())
                .contains("hel", "\"code\":\"upstream_error\"")
                .doesNotContain("[DONE]");
        assertThat(outcome().status()).isEqualTo("failed");
        assertThat(outcome().error()).isEqualTo("engine broke off");
    }

    @Test
    void endsATruncatedStreamWithAnErrorWhereverItStops() {
        for (int length = 0; length < World.STREAM.length() - 2; length++) {
            World cut = new World();
            String text = World.STREAM.substring(0, length);
            cut.engine = () -> FakeResponse.stream(text);

            FakeExchange exchange = cut.handle(World.chat(",\"stream\":true"));

            assertThat(exchange.text())
                    .as("after %d characters", length)
                    .contains("upstream_error")
                    .doesNotContain("[DONE]");
            assertThat(cut.journal.of(InferenceOutcome.class).getFirst().status())
                    .isEqualTo("failed");
        }
    }

    @Test
    void stopsListeningToAStreamOfGarbage() {
        FakeResponse response =
                FakeResponse.stream(
                        World.STREAM.replace("data: {\"choices\":[],", "data: {\"choices\":[7],"));
        world.engine = () -> response;

        FakeExchange exchange = stream();

        assertThat(exchange.text()).contains("upstream_error").doesNotContain("[DONE]");
        assertThat(response.cancelled).isTrue();
        assertThat(outcome().status()).isEqualTo("failed");
    }

    @Test
    void abortsAStreamWhoseFilterFails() {
        world.engine = () -> FakeResponse.stream(World.STREAM);
        world.filter =
                _ -> {
                    throw new IllegalStateException("filter broken");
                };

        FakeExchange exchange = stream();

        assertThat(exchange.aborted).isTrue();
        assertThat(exchange.text()).doesNotContain("hel");
        assertThat(outcome().status()).isEqualTo("failed");
    }

    @Test
    void keepsTheAnswerWhenTheFilterFails() {
        world.filter =
                _ -> {
                    throw new GuardException("filter broken");
                };

        unavailable(chat());
        assertThat(outcome().status()).isEqualTo("failed");
    }

    @Test
    void recordsThatTheClientLeftTheStream() {
        FakeResponse response = FakeResponse.stream(World.STREAM);
        world.engine = () -> response;

        FakeExchange exchange =
                world.handle(World.chat(",\"stream\":true").inPiecesOf(100).leavingAfter(1));

        assertThat(exchange.text()).doesNotContain("[DONE]");
        assertThat(outcome().status()).isEqualTo("cancelled");
        assertThat(outcome().outputTokens()).isEqualTo(1);
        assertThat(response.closed).isTrue();
    }

    @Test
    void cancelsTheEngineWhenTheClientLeavesBeforeTheAnswer() {
        FakeResponse response = FakeResponse.json(200, World.WHOLE);
        world.engine = () -> response;

        world.handle(World.chat("").leavingAfter(0));

        assertThat(response.cancelled).isTrue();
        assertThat(outcome().status()).isEqualTo("cancelled");
    }

    @Test
    void leavesExactlyOneOutcomeForEveryIntentWhateverHappens() {
        List<AuditEvent> all = new java.util.ArrayList<>();
        for (World.Engine engine :
                List.<World.Engine>of(
                        () -> FakeResponse.json(200, World.WHOLE),
                        () -> FakeResponse.stream(World.STREAM),
                        () -> FakeResponse.stream("data: x\n\n"),
                        () -> FakeResponse.json(500, ""),
                        () -> {
                            throw new UpstreamException(Kind.CLOSED, "");
                        },
                        () -> {
                            throw new IllegalStateException("defect");
                        })) {
            for (String extra : List.of("", ",\"stream\":true")) {
                World one = new World();
                one.engine = engine;
                one.handle(World.chat(extra));
                all.addAll(one.journal.events());
                assertThat(one.journal.of(InferenceOutcome.class))
                        .hasSameSizeAs(one.journal.of(InferenceIntent.class))
                        .hasSize(1);
            }
        }
        assertThat(all).hasSize(24);
    }
}

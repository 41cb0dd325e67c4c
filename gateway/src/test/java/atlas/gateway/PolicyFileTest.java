package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.InferenceDenied;
import atlas.core.AuditEvent.InferenceIntent;
import atlas.policy.AccessPolicy;
import atlas.policy.Policies;
import atlas.policy.Rulebook;
import atlas.policy.Surroundings;
import atlas.policy.cedar.PolicyFile;
import atlas.policy.cedar.PolicyFile.Outcome;
import atlas.runtime.http.Headers;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every inference request is judged by the policy file, with what it asks for in view. */
class PolicyFileTest {
    private final World world = new World();
    private final Policies policies = new Policies();

    @BeforeEach
    void judgeByAFile() {
        world.policy = new AccessPolicy(world.grants, policies, Surroundings.quiet(), World.CLOCK);
    }

    private void inForce(String file) {
        switch (PolicyFile.read(file)) {
            case Outcome.Accepted(Rulebook rulebook) -> policies.put(rulebook);
            case Outcome.Refused refused -> throw new AssertionError(refused.problems());
        }
    }

    private void forbidWhen(String condition) {
        inForce(
                """
                @id("limit")
                forbid (principal, action == Atlas::Action::"model.infer", resource)
                when { %s };
                """
                        .formatted(condition));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "context.request has max_tokens && context.request.max_tokens > 9 |"
                        + " ,\"max_tokens\":10 | ,\"max_tokens\":9",
                "context.request has max_tokens && context.request.max_tokens > 9 |"
                        + " ,\"max_completion_tokens\":10 | ``",
                "context.request has temperature &&"
                        + " context.request.temperature.greaterThan(decimal(\"1.0\")) |"
                        + " ,\"temperature\":1.00001 | ,\"temperature\":1.0",
                "context.request.tools.contains(\"shell\") |"
                        + " ,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"shell\"}}]"
                        + " |"
                        + " ,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"clock\"}}]",
                "context.request.response_format == \"json_object\" |"
                        + " ,\"response_format\":{\"type\":\"json_object\"} |"
                        + " ,\"response_format\":{\"type\":\"text\"}",
                "context.request.prompt_tokens > 100 | ,\"user\":\"u\" | ,\"user\":\"u\""
            })
    void aParameterThatPolicyForbidsIsRefusedAndNothingIsSent(
            String condition, String refused, String served) {
        forbidWhen(condition);
        if (!condition.contains("prompt_tokens")) {
            FakeExchange no = world.handle(World.chat(refused));
            assertThat(no.status).as(no.text()).isEqualTo(403);
            assertThat(no.text()).contains("access policy refuses this request");
            assertThat(world.sent).isEmpty();
            assertThat(world.journal.of(InferenceDenied.class))
                    .singleElement()
                    .satisfies(denied -> {
                        assertThat(denied.step()).isEqualTo("decide");
                        assertThat(denied.reason()).contains("forbidden by `limit`");
                    });
        }
        assertThat(world.handle(World.chat(served == null ? "" : served)).status).isEqualTo(200);
    }

    @Test
    void twoSpellingsOfOneLimitAreRefused() {
        assertThat(
                        world.handle(World.chat(",\"max_tokens\":1,\"max_completion_tokens\":9999"))
                                .status)
                .isEqualTo(400);
        assertThat(world.sent).isEmpty();
    }

    @Test
    void aLongPromptIsCountedInTokens() {
        forbidWhen("context.request.prompt_tokens > 100");
        assertThat(world.handle(World.chat(",\"stop\":\"" + "x".repeat(9) + "\"")).status)
                .isEqualTo(200);
        FakeExchange no =
                world.handle(
                        World.ask(
                                "ada",
                                "/v1/chat/completions",
                                "{\"model\":\"llama\",\"messages\":[{\"role\":\"user\","
                                        + "\"content\":\""
                                        + "word ".repeat(100)
                                        + "\"}]}"));
        assertThat(no.status).isEqualTo(403);
    }

    @Test
    void theVersionThatPolicySawIsTheVersionThatServes() {
        forbidWhen("resource has version && resource.version == 3");
        assertThat(world.handle(World.chat("")).status).isEqualTo(404);
        forbidWhen("resource has version && resource.version == 2");
        assertThat(world.handle(World.chat("")).status).isEqualTo(200);
        assertThat(world.sent.getFirst().headers().first("atlas-model")).contains("llama@3");
        assertThat(world.journal.of(InferenceIntent.class).getFirst().policy())
                .isEqualTo(
                        "builtin-roles/1#consumer:model.infer;policy-file/"
                                + policies.current().version());
    }

    @Test
    void howSensitiveDataIsIsSaidByTheCallerAndInternalUnlessSaid() {
        forbidWhen("context.request.classification == \"restricted\"");
        assertThat(classified().status).isEqualTo(200);
        assertThat(classified("public").status).isEqualTo(200);
        assertThat(classified("restricted").status).isEqualTo(403);
        assertThat(classified("secret").status).isEqualTo(400);
        assertThat(classified("public", "restricted").status).isEqualTo(400);
        forbidWhen("context.request.classification == \"internal\"");
        assertThat(classified().status).isEqualTo(403);
    }

    private FakeExchange classified(String... said) {
        Headers headers =
                Headers.of("authorization", "Bearer ada", "content-type", "application/json");
        for (String one : said) {
            headers = headers.with(Asking.CLASSIFICATION, one);
        }
        return world.handle(
                new FakeExchange(
                        "POST",
                        "/v1/chat/completions",
                        headers,
                        "{\"model\":\"llama\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"));
    }

    @Test
    void theListOfModelsShowsWhatTheFileLeaves() {
        FakeExchange before = world.handle(World.read("ada", "/v1/models"));
        assertThat(before.text()).contains("\"llama\"");
        inForce(
                """
                @id("not-llama")
                forbid (principal, action == Atlas::Action::"model.infer",
                  resource == Atlas::Model::"llama");
                """);
        FakeExchange after = world.handle(World.read("ada", "/v1/models"));
        assertThat(after.text()).doesNotContain("\"llama\"");
        forbidWhen("!(context.request has max_tokens)");
        assertThat(world.handle(World.read("ada", "/v1/models")).text()).contains("\"llama\"");
        assertThat(world.handle(World.chat("")).status).isEqualTo(403);
        assertThat(world.handle(World.chat(",\"max_tokens\":5")).status).isEqualTo(200);
        inForce(
                """
                @id("not-llama")
                forbid (principal, action == Atlas::Action::"model.infer",
                  resource == Atlas::Model::"llama");
                """);
        // What may not be used at all looks like what is not there.
        assertThat(world.handle(World.chat("")).status).isEqualTo(404);
    }

    @Test
    void aFaultOfTheEngineIsUnavailableAndNotAnAnswer() {
        assertThat(List.of(world.handle(World.chat("")).status)).containsExactly(200);
        policies.put(new BrokenRulebook());
        assertThat(world.handle(World.chat("")).status).isEqualTo(503);
        assertThat(world.sent).hasSize(1);
    }
}

package atlas.policy.cedar;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Principal;
import atlas.core.Role;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.InferenceFacts;
import atlas.policy.InferenceFacts.Classification;
import atlas.policy.InferenceFacts.Output;
import atlas.policy.InferenceFacts.Sampling;
import atlas.policy.Judgement;
import atlas.policy.Question;
import atlas.policy.Resource;
import atlas.policy.Surroundings;
import atlas.policy.cedar.PolicyFile.Outcome;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What callers choose does not decide how much memory remembered answers take. */
class RememberedAnswersTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final CedarRulebook rulebook = rulebook();

    private static CedarRulebook rulebook() {
        Outcome outcome =
                PolicyFile.read(
                        """
                        @id("no-shell") forbid (principal, action == Atlas::Action::"model.infer",
                          resource) when { context.request.tools.contains("shell") };
                        """);
        assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
        return (CedarRulebook) ((Outcome.Accepted) outcome).rulebook();
    }

    private static Question offering(List<String> tools) {
        Principal principal =
                new Principal(
                        "p",
                        Principal.Kind.SERVICE,
                        "default",
                        Set.of(Role.CONSUMER),
                        List.of(),
                        new Principal.Credential(
                                Principal.Credential.Kind.API_KEY,
                                "k",
                                NOW,
                                Instant.MAX,
                                Optional.empty()));
        InferenceFacts asked =
                new InferenceFacts(
                        "chat", Classification.INTERNAL, 0, Sampling.USUAL, Output.PLAIN, tools);
        return new Question(
                principal,
                Set.of(Role.CONSUMER),
                Set.of(),
                Action.MODEL_INFER,
                Resource.model("m"),
                Circumstances.none().asking(asked),
                Surroundings.quiet(),
                NOW);
    }

    private static List<String> tools(int count, String also) {
        List<String> names = new java.util.ArrayList<>(Collections.nCopies(1, also));
        for (int i = 0; i < count; i++) {
            names.add("tool-%04d-%s".formatted(i, "x".repeat(50)));
        }
        return names;
    }

    @Test
    void anAnswerAboutAFewToolsIsRememberedAndOneAboutThousandsIsGivenAllTheSame() {
        assertThat(rulebook.judge(offering(tools(3, "shell"))))
                .isInstanceOf(Judgement.Forbidden.class);
        assertThat(rulebook.remembered()).isEqualTo(1);
        assertThat(rulebook.judge(offering(tools(2_000, "shell"))))
                .isInstanceOf(Judgement.Forbidden.class);
        assertThat(rulebook.judge(offering(tools(2_000, "clock"))))
                .isInstanceOf(Judgement.Silent.class);
        assertThat(rulebook.remembered()).isEqualTo(1);
    }

    @Test
    void whatIsRememberedIsBoundedByWhatItHoldsAndNotByNumberAlone() {
        int most = 0;
        for (int i = 0; i < 3_000; i++) {
            rulebook.judge(offering(tools(200, "own-" + i)));
            most = Math.max(most, rulebook.remembered());
        }
        assertThat(most).isGreaterThan(1_000).isLessThan(2_800);
    }
}

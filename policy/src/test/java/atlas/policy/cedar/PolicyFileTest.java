package atlas.policy.cedar;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Role;
import atlas.policy.Action;
import atlas.policy.PolicyProblem;
import atlas.policy.Rulebook;
import atlas.policy.cedar.PolicyFile.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyFileTest {
    private static Rulebook accepted(String text) {
        return switch (PolicyFile.read(text)) {
            case Outcome.Accepted(Rulebook rulebook) -> rulebook;
            case Outcome.Refused(List<PolicyProblem> problems) ->
                    throw new AssertionError(problems.toString());
        };
    }

    private static List<PolicyProblem> refused(String text) {
        return switch (PolicyFile.read(text)) {
            case Outcome.Accepted _ -> throw new AssertionError("accepted: " + text);
            case Outcome.Refused(List<PolicyProblem> problems) -> problems;
        };
    }

    @Test
    void keepsPoliciesInOrderWithIdLineAndAnnotations() {
        Rulebook rulebook =
                accepted(
                        """
                        // A semicolon in a comment; or in "a string
                        @id("no-tools") @owner("security; \\"us\\"")
                        forbid (principal, action == Atlas::Action::"model.infer", resource)
                        when { context.request.tool_count > 0 };

                        @id("night")
                        permit (
                          principal in Atlas::Role::"night-shift",
                          action in [Atlas::Action::"model.infer", Atlas::Action::"model.list"],
                          resource is Atlas::Model
                        );
                        """);
        assertThat(rulebook.entries())
                .extracting(Rulebook.Entry::id, Rulebook.Entry::line, Rulebook.Entry::effect)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("no-tools", 2, "forbid"),
                        org.assertj.core.groups.Tuple.tuple("night", 6, "permit"));
        assertThat(rulebook.entries().getFirst().annotations())
                .containsEntry("owner", "security; \"us\"");
        assertThat(rulebook.customRoles())
                .containsOnlyKeys(Role.of("night-shift"))
                .extractingByKey(Role.of("night-shift"))
                .satisfies(actions ->
                        assertThat(actions)
                                .containsExactlyInAnyOrder(Action.MODEL_INFER, Action.MODEL_LIST));
        assertThat(rulebook.version()).hasSize(32).matches("[0-9a-f]+");
    }

    @Test
    void anEmptyFileIsAFileThatSaysNothing() {
        assertThat(accepted("").entries()).isEmpty();
        assertThat(accepted("\n// nothing yet\n").entries()).isEmpty();
    }

    @Test
    void aPolicyThatDoesNotParseIsRefusedWhereItBreaks() {
        PolicyProblem problem =
                refused(
                                """
                                @id("fine") forbid (principal, action, resource);
                                // é: two bytes, one column
                                @id("é") permit (princpal, action, resource);
                                """)
                        .getFirst();
        assertThat(problem.line()).isEqualTo(3);
        assertThat(problem.column()).isEqualTo(18);
        assertThat(problem.message()).contains("princpal");
        assertThat(problem.hint()).contains("in that order");
    }

    @Test
    void aPolicyThatDoesNotFitTheSchemaIsRefusedWithAHint() {
        assertThat(
                        refused(
                                """
                                @id("typo")
                                forbid (principal, action == Atlas::Action::"model.infr", resource);
                                """))
                .anySatisfy(problem -> {
                    assertThat(problem.line()).isEqualTo(2);
                    assertThat(problem.column()).isEqualTo(30);
                    assertThat(problem.policy()).isEqualTo("typo");
                    assertThat(problem.hint())
                            .isEqualTo("did you mean `Atlas::Action::\"model.infer\"`?");
                });
        assertThat(
                        refused(
                                """
                                @id("wrong-type")
                                forbid (principal, action, resource)
                                when { context.source == "10.0.0.0/8" };
                                """))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.line()).isEqualTo(3);
                    assertThat(problem.message()).contains("String").contains("ipaddr");
                });
        assertThat(
                        refused(
                                """
                                @id("not-asked")
                                forbid (principal, action == Atlas::Action::"model.infer", resource)
                                when { context.request.max_tokens > 5 };
                                """))
                .singleElement()
                .satisfies(problem -> assertThat(problem.hint()).contains("has max_tokens"));
        assertThat(
                        refused(
                                """
                                @id("only-inference-has-a-request")
                                forbid (principal, action, resource)
                                when { context.request.stream };
                                """))
                .isNotEmpty()
                .allSatisfy(problem -> assertThat(problem.message()).contains("request"));
    }

    @Test
    void aPolicyThatCanNeverApplyIsRefused() {
        assertThat(
                        refused(
                                """
                                @id("useless") forbid (principal, action, resource)
                                when { context.risk == "high" && 1 == 2 };
                                """))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("impossible"));
    }

    @Test
    void templatesAndExtensionNonsenseAreRefused() {
        assertThat(refused("@id(\"t\") forbid (principal == ?principal, action, resource);"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("template"));
        assertThat(
                        refused(
                                """
                                @id("cidr") forbid (principal, action, resource)
                                when { context.source.isInRange(ip("10.0.0.0/99")) };
                                """))
                .isNotEmpty();
        assertThat(refused("@id(\"open\") forbid (principal, action, resource)")).isNotEmpty();
        assertThat(refused("@id(\"open\") forbid (principal, action, resource) when { \"a; };"))
                .isNotEmpty();
    }

    @Test
    void everyPolicyHasAnIdOfItsOwn() {
        assertThat(refused("forbid (principal, action, resource);"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("no id"));
        assertThat(refused("@id(\"No Spaces\") forbid (principal, action, resource);"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("is not an id"));
        assertThat(
                        refused(
                                """
                                @id("a") forbid (principal, action, resource);

                                @id("a") forbid (principal, action, resource);
                                """))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.line()).isEqualTo(3);
                    assertThat(problem.message()).contains("taken by line 1");
                });
    }

    @Test
    void aFilePermitsToCustomRolesOnly() {
        for (String head :
                List.of(
                        "principal",
                        "principal == Atlas::Principal::\"alice\"",
                        "principal in Atlas::Group::\"staff\"",
                        "principal is Atlas::Principal",
                        "principal in Atlas::Role::\"consumer\"",
                        "principal in Atlas::Role::\"model-admin\"")) {
            assertThat(
                            refused(
                                    "@id(\"p\") permit (%s, action == Atlas::Action::\"status.read\", resource);"
                                            .formatted(head)))
                    .as(head)
                    .singleElement()
                    .satisfies(problem ->
                            assertThat(problem.hint()).contains("Atlas::Role::\"your-role\""));
        }
        accepted(
                "@id(\"p\") permit (principal in Atlas::Role::\"helpdesk\", action =="
                        + " Atlas::Action::\"status.read\", resource);");
        assertThat(
                        refused(
                                "@id(\"p\") permit (principal in Atlas::Role::\"Help Desk\", action"
                                        + " == Atlas::Action::\"status.read\", resource);"))
                .anySatisfy(problem ->
                        assertThat(problem.message()).contains("not the name of a role"));
    }

    @Test
    void noCustomRoleMayCheckItself() {
        assertThat(
                        refused(
                                """
                                @id("approve") permit (principal in Atlas::Role::"release",
                                  action == Atlas::Action::"model.approve", resource);
                                @id("deploy") permit (principal in Atlas::Role::"release",
                                  action == Atlas::Action::"model.deploy", resource)
                                when { context.risk == "normal" };
                                """))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.line()).isEqualTo(3);
                    assertThat(problem.message())
                            .isEqualTo(
                                    "the role `release` would check itself: who approves a model"
                                            + " does not deploy it");
                });
        assertThat(
                        refused(
                                "@id(\"all\") permit (principal in Atlas::Role::\"root\", action,"
                                        + " resource);"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("check itself"));
        accepted(
                "@id(\"look\") permit (principal in Atlas::Role::\"viewer\", action in"
                        + " [Atlas::Action::\"status.read\", Atlas::Action::\"model.list\"],"
                        + " resource);");
    }

    @Test
    void aFileThatIsTooLargeIsRefusedUnread() {
        assertThat(refused("/".repeat(PolicyFile.MOST_BYTES + 1)))
                .singleElement()
                .satisfies(problem -> assertThat(problem.line()).isZero());
    }
}

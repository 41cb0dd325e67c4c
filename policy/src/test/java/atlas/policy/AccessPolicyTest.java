package atlas.policy;

import static atlas.policy.Callers.NOW;
import static atlas.policy.Callers.caller;
import static atlas.policy.Callers.grant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Principal;
import atlas.core.Role;
import atlas.policy.Circumstances.Risk;
import atlas.policy.Decision.Deny;
import atlas.policy.Decision.Permit;
import atlas.policy.InferenceFacts.Classification;
import atlas.policy.cedar.PolicyFile;
import atlas.policy.cedar.PolicyFile.Outcome;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AccessPolicyTest {
    private static final Role NIGHT = Role.of("night-shift");
    private static final Resource TINY = Resource.model("tiny");

    private final MemoryGrantStore grants = new MemoryGrantStore();
    private final Policies policies = new Policies();
    private Risk risk = Risk.NORMAL;
    private final AccessPolicy policy =
            new AccessPolicy(
                    grants,
                    policies,
                    new Surroundings() {
                        @Override
                        public String segmentOf(String source) {
                            return source.startsWith("10.") ? "office" : "";
                        }

                        @Override
                        public Risk riskOf(Principal principal) {
                            return risk;
                        }
                    },
                    Clock.fixed(NOW, ZoneOffset.UTC));

    private void inForce(String file) {
        switch (PolicyFile.read(file)) {
            case Outcome.Accepted(Rulebook rulebook) -> policies.put(rulebook);
            case Outcome.Refused(List<PolicyProblem> problems) ->
                    throw new AssertionError(problems.toString());
        }
    }

    private static Circumstances chat() {
        return Circumstances.from("10.0.0.1")
                .asking(InferenceFacts.plainly("chat", Classification.INTERNAL));
    }

    private Decision infer(Principal who) {
        return policy.decide(who, Action.MODEL_INFER, TINY, chat());
    }

    private Principal consumer() {
        grants.put(grant("alice", Role.CONSUMER, "*"));
        return caller("alice", Set.of(Role.CONSUMER), "*");
    }

    @Test
    void withoutAFileItIsTheBuiltInPolicy() {
        assertThat(infer(consumer()).policyId()).isEqualTo("builtin-roles/1#consumer:model.infer");
        assertThat(infer(caller("bob", Set.of(Role.CONSUMER), "*"))).isInstanceOf(Deny.class);
    }

    @Test
    void aForbidWinsOverEveryRoleAndEveryPermit() {
        inForce(
                """
                @id("allow-night") permit (principal in Atlas::Role::"night-shift",
                  action == Atlas::Action::"model.infer", resource);
                @id("never-risky") forbid (principal, action, resource)
                  when { context.risk == "high" };
                """);
        Principal alice = consumer();
        grants.put(grant("nora", NIGHT, "*"));
        Principal nora = caller("nora", Set.of(NIGHT), "*");
        assertThat(infer(alice)).isInstanceOf(Permit.class);
        assertThat(infer(nora)).isInstanceOf(Permit.class);
        risk = Risk.HIGH;
        for (Principal one : List.of(alice, nora)) {
            Deny deny = (Deny) infer(one);
            assertThat(deny.policies()).containsExactly("never-risky");
            assertThat(deny.policyId())
                    .isEqualTo("policy-file/" + policies.current().version() + "#never-risky");
        }
        risk = Risk.NORMAL;
        assertThat(infer(alice)).isInstanceOf(Permit.class);
    }

    @Test
    void aPermitCarriesTheIdsOfThePoliciesThatMadeIt() {
        inForce(
                """
                @id("b") permit (principal in Atlas::Role::"night-shift",
                  action == Atlas::Action::"model.infer", resource);
                @id("a") permit (principal in Atlas::Role::"night-shift",
                  action == Atlas::Action::"model.infer", resource is Atlas::Model);
                """);
        grants.put(grant("nora", NIGHT, "*"));
        Permit permit = (Permit) infer(caller("nora", Set.of(NIGHT), "*"));
        assertThat(permit.policies()).containsExactly("a", "b");
        assertThat(permit.policyId())
                .isEqualTo("policy-file/" + policies.current().version() + "#a,b");
        assertThat(infer(consumer()).policyId())
                .isEqualTo(
                        "builtin-roles/1#consumer:model.infer;policy-file/"
                                + policies.current().version());
    }

    @Test
    void aCustomRoleWorksWhereItIsCarriedGrantedAndReaches() {
        inForce(
                """
                @id("night") permit (principal in Atlas::Role::"night-shift",
                  action in [Atlas::Action::"model.infer", Atlas::Action::"model.list"], resource);
                """);
        grants.put(grant("nora", NIGHT, "tiny"));
        assertThat(infer(caller("nora", Set.of(NIGHT), "*"))).isInstanceOf(Permit.class);
        assertThat(infer(caller("nora", Set.of(), "*"))).isInstanceOf(Deny.class);
        assertThat(infer(caller("nobody", Set.of(NIGHT), "*"))).isInstanceOf(Deny.class);
        assertThat(infer(caller("nora", Set.of(NIGHT)))).isInstanceOf(Deny.class);
        assertThat(
                        policy.decide(
                                caller("nora", Set.of(NIGHT), "*"),
                                Action.MODEL_INFER,
                                Resource.model("big"),
                                chat()))
                .isInstanceOf(Deny.class);
        grants.put(new Grant("nora", NIGHT, List.of(), "default", Optional.of(NOW)));
        assertThat(infer(caller("nora", Set.of(NIGHT), "*"))).isInstanceOf(Deny.class);
        grants.remove("nora", NIGHT);
        assertThat(infer(caller("nora", Set.of(NIGHT), "*"))).isInstanceOf(Deny.class);
    }

    @Test
    void noFileReachesAnotherTenant() {
        inForce(
                """
                @id("night") permit (principal in Atlas::Role::"night-shift",
                  action == Atlas::Action::"status.read", resource);
                """);
        grants.put(grant("nora", NIGHT));
        assertThat(
                        policy.decide(
                                Callers.in("other", "nora", Set.of(NIGHT)),
                                Action.STATUS_READ,
                                Resource.any("status")))
                .isInstanceOf(Deny.class);
    }

    @Test
    void rolesOfAFileThatCheckEachOtherDenyEverythingToWhoHoldsBoth() {
        inForce(
                """
                @id("one") permit (principal in Atlas::Role::"approver",
                  action == Atlas::Action::"model.approve", resource);
                @id("two") permit (principal in Atlas::Role::"deployer",
                  action == Atlas::Action::"model.deploy", resource);
                """);
        Role approver = Role.of("approver");
        Role deployer = Role.of("deployer");
        grants.put(grant("eve", approver));
        Principal eve = caller("eve", Set.of(approver, deployer));
        assertThat(policy.decide(eve, Action.MODEL_APPROVE, TINY)).isInstanceOf(Permit.class);
        for (Role other : List.of(deployer, Role.CONSUMER)) {
            assertThatThrownBy(() ->
                            SeparationOfDuties.check(
                                    grant("eve", other),
                                    grants.all(),
                                    policies.current().customRoles()))
                    .isInstanceOf(GrantRefusedException.class);
        }
        // The store does not know the file; what got past it is caught at the decision.
        grants.put(grant("eve", deployer));
        for (Action action : List.of(Action.MODEL_APPROVE, Action.MODEL_DEPLOY)) {
            Deny deny = (Deny) policy.decide(eve, action, TINY);
            assertThat(deny.reason()).contains("conflicting duties: approver and deployer");
        }
        assertThat(policy.explain(eve, Action.MODEL_DEPLOY, TINY).missing())
                .singleElement()
                .asString()
                .startsWith("revoke one of the conflicting roles");
    }

    @Test
    void whatNobodyKnowsIsDenied() {
        inForce(
                """
                @id("office-only") forbid (principal, action, resource)
                  unless { context.segment == "office" };
                """);
        grants.put(grant("olga", Role.OPERATOR));
        Principal olga = caller("olga", Set.of(Role.OPERATOR));
        Resource status = Resource.any("status");
        assertThat(policy.decide(olga, Action.STATUS_READ, status, Circumstances.from("10.2.3.4")))
                .isInstanceOf(Permit.class);
        assertThat(policy.decide(olga, Action.STATUS_READ, status, Circumstances.from("192.0.2.1")))
                .isInstanceOf(Deny.class);
        Deny unknown = (Deny) policy.decide(olga, Action.STATUS_READ, status);
        assertThat(unknown.reason())
                .isEqualTo("policy `office-only`: nobody knows `context.segment` here");
    }

    @Test
    void whetherSomeRequestWouldBePermittedDoesNotDependOnWhatRequestsSay() {
        inForce(
                """
                @id("limit") forbid (principal, action == Atlas::Action::"model.infer", resource)
                  unless { context.request has max_tokens };
                @id("small") permit (principal in Atlas::Role::"night-shift",
                  action == Atlas::Action::"model.infer", resource)
                  when { context.request.prompt_tokens < 10 };
                @id("risky") forbid (principal, action, resource) when { context.risk == "high" };
                """);
        Circumstances any = Circumstances.from("10.0.0.1").asking(InferenceFacts.ANY);
        Principal alice = consumer();
        grants.put(grant("nora", NIGHT, "*"));
        Principal nora = caller("nora", Set.of(NIGHT), "*");
        for (Principal one : List.of(alice, nora)) {
            assertThat(policy.decide(one, Action.MODEL_INFER, TINY, any))
                    .isInstanceOf(Permit.class);
            assertThat(infer(one)).isInstanceOf(Deny.class);
        }
        assertThat(policy.decide(nora, Action.MODEL_INFER, TINY, any).policies())
                .containsExactly("small");
        risk = Risk.HIGH;
        for (Principal one : List.of(alice, nora)) {
            assertThat(policy.decide(one, Action.MODEL_INFER, TINY, any)).isInstanceOf(Deny.class);
        }
        assertThat(policy.decide(caller("zoe", Set.of(NIGHT), "*"), Action.MODEL_INFER, TINY, any))
                .isInstanceOf(Deny.class);
    }

    @Test
    void aForbidThatCannotBeEvaluatedDenies() {
        inForce(
                """
                @id("overflow") forbid (principal, action == Atlas::Action::"model.infer", resource)
                  when { context.request.prompt_tokens + 9223372036854775807 < 0 };
                """);
        Principal alice = consumer();
        Circumstances long1 =
                Circumstances.from("10.0.0.1")
                        .asking(
                                new InferenceFacts(
                                        "chat",
                                        Classification.INTERNAL,
                                        1,
                                        InferenceFacts.Sampling.USUAL,
                                        InferenceFacts.Output.PLAIN,
                                        List.of()));
        assertThat(infer(alice)).isInstanceOf(Permit.class);
        Deny deny = (Deny) policy.decide(alice, Action.MODEL_INFER, TINY, long1);
        assertThat(deny.reason()).isEqualTo("policy `overflow`: it cannot be evaluated");
    }

    @Test
    void aNewFileAndANewGrantCountAtTheNextDecision() {
        Principal alice = consumer();
        inForce("@id(\"stop\") forbid (principal in Atlas::Role::\"consumer\", action, resource);");
        assertThat(infer(alice)).isInstanceOf(Deny.class);
        inForce("");
        assertThat(infer(alice)).isInstanceOf(Permit.class);
        inForce(
                "@id(\"vip\") forbid (principal, action, resource) unless { principal in"
                        + " Atlas::Role::\"vip\" };");
        assertThat(infer(alice)).isInstanceOf(Deny.class);
        grants.put(grant("alice", Role.of("vip")));
        assertThat(infer(caller("alice", Set.of(Role.CONSUMER, Role.of("vip")), "*")))
                .isInstanceOf(Permit.class);
        grants.remove("alice", Role.of("vip"));
        assertThat(infer(caller("alice", Set.of(Role.CONSUMER, Role.of("vip")), "*")))
                .isInstanceOf(Deny.class);
    }

    @Test
    void listenersHearOfANewFile() {
        int[] heard = {0};
        policy.onChange(() -> heard[0]++);
        inForce("");
        assertThat(heard[0]).isEqualTo(1);
        grants.put(grant("alice", Role.CONSUMER, "*"));
        assertThat(heard[0]).isEqualTo(2);
    }

    @Test
    void explainsWhichPolicySaidNoAndWhatItSaw() {
        inForce(
                """
                @id("short-answers") forbid (principal, action == Atlas::Action::"model.infer", resource)
                  unless { context.request has max_tokens && context.request.max_tokens <= 100 };
                @id("night") permit (principal in Atlas::Role::"night-shift",
                  action == Atlas::Action::"model.infer", resource)
                  when { context.weekday == "mon" && context.request has max_tokens };
                """);
        Explanation no = policy.explain(consumer(), Action.MODEL_INFER, TINY, chat());
        assertThat(no.rule()).isEqualTo("forbidden by `short-answers`");
        assertThat(no.missing())
                .containsExactly(
                        "policy `short-answers` (line 1) would have to stop forbidding it; it saw"
                                + " context.request.max_tokens = none");
        assertThat(no.considered())
                .singleElement()
                .satisfies(c -> assertThat(c.applies()).isTrue());

        inForce(
                """
                @id("night") permit (principal in Atlas::Role::"night-shift",
                  action == Atlas::Action::"model.infer", resource)
                  when { context.weekday == "mon" };
                """);
        grants.put(grant("nora", NIGHT, "*"));
        Explanation notNow =
                policy.explain(
                        caller("nora", Set.of(NIGHT), "*"), Action.MODEL_INFER, TINY, chat());
        assertThat(notNow.missing())
                .containsExactly(
                        "consumer: grant the role to `nora`",
                        "policy `night` (line 1) would permit it if its conditions held; it saw"
                                + " context.weekday = sun");
        Explanation notMine =
                policy.explain(caller("zoe", Set.of()), Action.MODEL_INFER, TINY, chat());
        assertThat(notMine.missing())
                .containsExactly(
                        "consumer: grant the role to `zoe`",
                        "night-shift: grant the role to `zoe`");
    }
}

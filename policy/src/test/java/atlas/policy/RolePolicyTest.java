package atlas.policy;

import static atlas.policy.Callers.NOW;
import static atlas.policy.Callers.caller;
import static atlas.policy.Callers.grant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Principal;
import atlas.core.Role;
import atlas.policy.Decision.Deny;
import atlas.policy.Decision.Permit;
import java.lang.reflect.Modifier;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RolePolicyTest {
    private final MemoryGrantStore grants = new MemoryGrantStore();
    private final RolePolicy policy = new RolePolicy(grants, Clock.fixed(NOW, ZoneOffset.UTC));

    private boolean permits(Principal principal, Action action, Resource resource) {
        return policy.decide(principal, action, resource) instanceof Permit;
    }

    @Test
    void deniesEverythingToAPrincipalWithoutGrants() {
        Principal all = caller("alice", Set.copyOf(Role.builtIn()), "*");
        for (Action action : Action.values()) {
            for (Resource resource : resources()) {
                assertThat(permits(all, action, resource)).as("%s", action).isFalse();
            }
        }
    }

    @Test
    void deniesARoleThatIsGrantedButNotCarried() {
        grants.put(grant("alice", Role.AUDITOR));
        assertThat(permits(caller("alice", Set.of()), Action.JOURNAL_READ, any())).isFalse();
        assertThat(permits(caller("alice", Set.of(Role.AUDITOR)), Action.JOURNAL_READ, any()))
                .isTrue();
        assertThat(permits(caller("bob", Set.of(Role.AUDITOR)), Action.JOURNAL_READ, any()))
                .isFalse();
    }

    @Test
    void aConsumerReachesWhatBothCredentialAndGrantReach() {
        grants.put(grant("alice", Role.CONSUMER, "tiny-*", "shared"));
        Principal alice = caller("alice", Set.of(Role.CONSUMER), "tiny-1", "shared", "other");
        assertThat(permits(alice, Action.MODEL_INFER, Resource.model("tiny-1"))).isTrue();
        assertThat(permits(alice, Action.MODEL_INFER, Resource.model("shared"))).isTrue();
        assertThat(permits(alice, Action.MODEL_INFER, Resource.model("tiny-2"))).isFalse();
        assertThat(permits(alice, Action.MODEL_INFER, Resource.model("other"))).isFalse();
        Principal none = caller("alice", Set.of(Role.CONSUMER));
        assertThat(permits(none, Action.MODEL_INFER, Resource.model("tiny-1"))).isFalse();
    }

    @Test
    void aConsumerGrantWithoutModelsReachesNone() {
        grants.put(grant("alice", Role.CONSUMER));
        Principal alice = caller("alice", Set.of(Role.CONSUMER), "*");
        assertThat(permits(alice, Action.MODEL_INFER, Resource.model("tiny"))).isFalse();
    }

    @Test
    void aModelNameIsNeverAPattern() {
        grants.put(grant("alice", Role.CONSUMER, "tiny"));
        Principal alice = caller("alice", Set.of(Role.CONSUMER), "tiny");
        for (String name : List.of("*", "t*", "tiny*", "", "tiny ", "TINY", "tiny\0", "tiny@1")) {
            assertThat(permits(alice, Action.MODEL_INFER, Resource.model(name)))
                    .as("`%s`", name)
                    .isFalse();
        }
        grants.put(grant("bob", Role.CONSUMER, "*"));
        Principal bob = caller("bob", Set.of(Role.CONSUMER), "*");
        assertThat(permits(bob, Action.MODEL_INFER, Resource.any("model"))).isFalse();
        assertThat(permits(bob, Action.MODEL_INFER, Resource.any("journal"))).isFalse();
    }

    @Test
    void anOperatorGrantMayBeHeldToSomeModels() {
        grants.put(grant("op", Role.OPERATOR, "prod-*"));
        Principal op = caller("op", Set.of(Role.OPERATOR));
        assertThat(permits(op, Action.MODEL_DEPLOY, Resource.model("prod-1"))).isTrue();
        assertThat(permits(op, Action.MODEL_DEPLOY, Resource.model("lab-1"))).isFalse();
        assertThat(permits(op, Action.MODEL_DEPLOY, Resource.any("model"))).isFalse();
        grants.put(grant("op", Role.OPERATOR));
        assertThat(permits(op, Action.MODEL_DEPLOY, Resource.model("lab-1"))).isTrue();
    }

    @Test
    void aGrantEndsWhenItExpires() {
        Principal op = caller("op", Set.of(Role.OPERATOR));
        Optional<Instant> soon = Optional.of(NOW.plusNanos(1));
        grants.put(new Grant("op", Role.OPERATOR, List.of(), "default", soon));
        assertThat(permits(op, Action.STATUS_READ, any())).isTrue();
        grants.put(new Grant("op", Role.OPERATOR, List.of(), "default", Optional.of(NOW)));
        assertThat(permits(op, Action.STATUS_READ, any())).isFalse();
    }

    @Test
    void aGrantTakenAwayIsGoneAtTheNextDecision() {
        Principal op = caller("op", Set.of(Role.OPERATOR));
        grants.put(grant("op", Role.OPERATOR));
        assertThat(permits(op, Action.STATUS_READ, any())).isTrue();
        grants.remove("op", Role.OPERATOR);
        assertThat(permits(op, Action.STATUS_READ, any())).isFalse();
    }

    @Test
    void tenantsDoNotReachEachOther() {
        grants.put(grant("op", Role.OPERATOR));
        Principal foreign = Callers.in("other", "op", Set.of(Role.OPERATOR));
        assertThat(permits(foreign, Action.STATUS_READ, any())).isFalse();
        assertThat(permits(foreign, Action.STATUS_READ, new Resource("status", "*", "other")))
                .isFalse();
    }

    @Test
    void patternsGrantToThoseTheyMatchAndNobodyElse() {
        grants.put(grant("spiffe://td/app/*", Role.CONSUMER, "tiny"));
        Resource tiny = Resource.model("tiny");
        Set<Role> role = Set.of(Role.CONSUMER);
        assertThat(permits(caller("spiffe://td/app/x", role, "*"), Action.MODEL_INFER, tiny))
                .isTrue();
        assertThat(permits(caller("spiffe://td/gateway", role, "*"), Action.MODEL_INFER, tiny))
                .isFalse();
        for (String everybody : List.of("*", "**")) {
            assertThatThrownBy(() -> grant(everybody, Role.CONSUMER, "tiny"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void conflictingGrantsThatGotIntoAStoreDenyEverything() {
        GrantStore careless =
                new MemoryGrantStore(
                        List.of(grant("eve", Role.MODEL_ADMIN), grant("eve", Role.OPERATOR)));
        RolePolicy strict = new RolePolicy(careless, Clock.fixed(NOW, ZoneOffset.UTC));
        Principal eve = caller("eve", Set.of(Role.OPERATOR));
        Decision decision = strict.decide(eve, Action.MODEL_DEPLOY, Resource.model("m"));
        assertThat(decision).isInstanceOf(Deny.class);
        assertThat(((Deny) decision).reason()).contains("conflicting duties");
        assertThat(strict.explain(eve, Action.MODEL_DEPLOY, Resource.model("m")).missing())
                .singleElement()
                .asString()
                .startsWith("revoke one of the conflicting roles");
    }

    @Test
    void noAllowedCombinationOfRolesLetsOneHandCheckItself() {
        List<Set<Action>> together =
                List.of(
                        Set.of(Action.MODEL_APPROVE, Action.MODEL_DEPLOY),
                        Set.of(Action.MODEL_PUSH, Action.MODEL_DEPLOY),
                        Set.of(Action.MODEL_PUSH, Action.MODEL_INFER),
                        Set.of(Action.KEY_ISSUE, Action.MODEL_INFER),
                        Set.of(Action.KEY_ISSUE, Action.MODEL_DEPLOY),
                        Set.of(Action.KEY_ISSUE, Action.MODEL_APPROVE),
                        Set.of(Action.ROLE_GRANT, Action.MODEL_INFER),
                        Set.of(Action.JOURNAL_READ, Action.MODEL_INFER),
                        Set.of(Action.JOURNAL_READ, Action.KEY_ISSUE),
                        Set.of(Action.JOURNAL_READ, Action.MODEL_DEPLOY));
        for (int bits = 0; bits < 1 << Role.builtIn().size(); bits++) {
            Set<Role> roles = new HashSet<>();
            for (int i = 0; i < Role.builtIn().size(); i++) {
                if ((bits & 1 << i) != 0) {
                    roles.add(Role.builtIn().get(i));
                }
            }
            if (SeparationOfDuties.conflict(roles).isEmpty()) {
                Set<Action> may = EnumSet.noneOf(Action.class);
                for (Action action : Action.values()) {
                    if (roles.stream().anyMatch(r -> RoleTable.allows(r, action))) {
                        may.add(action);
                    }
                }
                for (Set<Action> pair : together) {
                    assertThat(may.containsAll(pair)).as("%s by %s", pair, roles).isFalse();
                }
            }
        }
    }

    @Test
    void everyOrderOfGrantingEndsWithoutConflict() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String[] names = {"a", "ab", "a*", "b", "*b", "ab*"};
        for (int round = 0; round < 200; round++) {
            MemoryGrantStore store = new MemoryGrantStore();
            for (int i = 0; i < 12; i++) {
                Grant next =
                        grant(
                                names[random.nextInt(names.length)],
                                Role.builtIn().get(random.nextInt(Role.builtIn().size())),
                                "m");
                try {
                    store.put(next);
                } catch (GrantRefusedException e) {
                    assertThat(e).hasMessageContaining("may not be granted");
                }
            }
            for (Grant one : store.all()) {
                if (!one.isPattern()) {
                    Set<Role> held = new HashSet<>();
                    store.of(one.principal()).forEach(g -> held.add(g.role()));
                    assertThat(SeparationOfDuties.conflict(held)).as("seed %d", seed).isEmpty();
                }
            }
        }
    }

    @Test
    void decidesTheSameWithAndWithoutASnapshot() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        GrantStore unversioned = new Unversioned(grants);
        RolePolicy slow = new RolePolicy(unversioned, Clock.fixed(NOW, ZoneOffset.UTC));
        for (int i = 0; i < 3_000; i++) {
            if (random.nextInt(4) == 0) {
                Role role = Role.builtIn().get(random.nextInt(5));
                String who = "p" + random.nextInt(4);
                if (random.nextBoolean()) {
                    grants.remove(who, role);
                } else {
                    try {
                        grants.put(grant(who, role, "m" + random.nextInt(3)));
                    } catch (GrantRefusedException e) {
                        assertThat(e).hasMessageContaining(who);
                    }
                }
            }
            Principal caller =
                    caller(
                            "p" + random.nextInt(4),
                            Set.of(Role.builtIn().get(random.nextInt(5))),
                            random.nextBoolean() ? "*" : "m1");
            Action action = Action.values()[random.nextInt(Action.values().length)];
            Resource on = Resource.model("m" + random.nextInt(3));
            assertThat(policy.decide(caller, action, on).getClass())
                    .as("seed %d", seed)
                    .isEqualTo(slow.decide(caller, action, on).getClass());
            Explanation explained = policy.explain(caller, action, on);
            assertThat(explained.missing().isEmpty())
                    .as("seed %d: %s", seed, explained)
                    .isEqualTo(explained.decision() instanceof Permit);
        }
    }

    @Test
    void aPermitSaysWhatWasPermittedAndByWhichRule() {
        grants.put(grant("alice", Role.CONSUMER, "tiny"));
        Principal alice = caller("alice", Set.of(Role.CONSUMER), "*");
        Permit permit = (Permit) policy.decide(alice, Action.MODEL_INFER, Resource.model("tiny"));
        assertThat(permit.principal()).isSameAs(alice);
        assertThat(permit.action()).isEqualTo(Action.MODEL_INFER);
        assertThat(permit.resource()).isEqualTo(Resource.model("tiny"));
        assertThat(permit.policyId()).isEqualTo("builtin-roles/1#consumer:model.infer");
    }

    @Test
    void onlyThisPackageMakesPermits() {
        assertThat(Arrays.stream(Permit.class.getDeclaredConstructors()))
                .allMatch(c -> (c.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) == 0);
        assertThat(Modifier.isFinal(Permit.class.getModifiers())).isTrue();
    }

    @Test
    void explainsWhatIsMissing() {
        Resource tiny = Resource.model("tiny");
        Principal alice = caller("alice", Set.of(Role.CONSUMER), "*");
        assertThat(policy.explain(alice, Action.MODEL_INFER, tiny).missing())
                .containsExactly("consumer: grant the role to `alice`");
        grants.put(grant("alice", Role.CONSUMER, "big"));
        assertThat(policy.explain(alice, Action.MODEL_INFER, tiny).missing())
                .containsExactly("consumer: grant the role on the model");
        grants.put(grant("alice", Role.CONSUMER, "tiny"));
        assertThat(policy.explain(alice, Action.MODEL_INFER, tiny).missing()).isEmpty();
        assertThat(policy.explain(caller("alice", Set.of()), Action.MODEL_INFER, tiny).missing())
                .containsExactly("consumer: present a credential that carries the role");
        assertThat(policy.explain(alice, Action.MODEL_PUSH, tiny).missing())
                .containsExactly(
                        "model_admin: cannot be granted beside the roles held (consumer and"
                                + " model_admin: who publishes models does not use them)");
    }

    private static Resource any() {
        return Resource.any("status");
    }

    private static List<Resource> resources() {
        return List.of(any(), Resource.any("model"), Resource.model("tiny"));
    }

    /** The same grants, without a version. */
    private record Unversioned(GrantStore inner) implements GrantStore {
        @Override
        public List<Grant> of(String principal) {
            return inner.of(principal);
        }

        @Override
        public List<Grant> all() {
            return inner.all();
        }

        @Override
        public void put(Grant grant) {
            inner.put(grant);
        }

        @Override
        public boolean remove(String principal, Role role) {
            return inner.remove(principal, role);
        }

        @Override
        public OptionalLong version() {
            return OptionalLong.empty();
        }

        @Override
        public void onChange(Runnable listener) {
            inner.onChange(listener);
        }
    }
}

package atlas.policy;

import static atlas.policy.Callers.NOW;
import static atlas.policy.Callers.caller;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Principal;
import atlas.core.Role;
import atlas.policy.Decision.Permit;
import atlas.policy.InferenceFacts.Classification;
import atlas.policy.cedar.PolicyFile;
import atlas.policy.cedar.PolicyFile.Outcome;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What holds under every policy file and every way of granting roles; seeds are printed. */
class NoFileOverridesTest {
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final List<Role> CUSTOM =
            List.of(Role.of("one"), Role.of("two"), Role.of("three"));

    /** Pairs of which nobody may have both, whoever permits them. */
    private static final List<Set<Action>> APART =
            List.of(
                    EnumSet.of(Action.MODEL_PUSH, Action.MODEL_DEPLOY),
                    EnumSet.of(Action.MODEL_APPROVE, Action.MODEL_DEPLOY),
                    EnumSet.of(Action.MODEL_PUSH, Action.MODEL_ROLLBACK),
                    EnumSet.of(Action.JOURNAL_READ, Action.KEY_ISSUE),
                    EnumSet.of(Action.JOURNAL_READ, Action.MODEL_DEPLOY),
                    EnumSet.of(Action.JOURNAL_VERIFY, Action.MODEL_PUSH),
                    EnumSet.of(Action.JOURNAL_READ, Action.POLICY_WRITE),
                    EnumSet.of(Action.JOURNAL_READ, Action.MODEL_INFER),
                    EnumSet.of(Action.ROLE_GRANT, Action.MODEL_INFER),
                    EnumSet.of(Action.POLICY_WRITE, Action.MODEL_DEPLOY),
                    EnumSet.of(Action.KEY_ISSUE, Action.MODEL_APPROVE));

    private record World(AccessPolicy policy, MemoryGrantStore grants, Policies policies) {}

    private static World world(Random random) {
        List<Grant> stored = new ArrayList<>();
        for (int p = 0; p < 4; p++) {
            for (Role role : roles()) {
                if (random.nextInt(4) == 0) {
                    // Past every check: the decision itself has to hold.
                    stored.add(Callers.grant("p" + p, role, "*"));
                }
            }
        }
        MemoryGrantStore grants = new MemoryGrantStore(stored);
        Policies policies = new Policies();
        Optional<Rulebook> rulebook = Optional.empty();
        while (rulebook.isEmpty()) {
            rulebook = rulebook(file(random));
        }
        policies.put(rulebook.get());
        return new World(
                new AccessPolicy(grants, policies, Surroundings.quiet(), CLOCK), grants, policies);
    }

    private static List<Role> roles() {
        List<Role> roles = new ArrayList<>(Role.builtIn());
        roles.addAll(CUSTOM);
        return roles;
    }

    private static Optional<Rulebook> rulebook(String file) {
        return switch (PolicyFile.read(file)) {
            case Outcome.Accepted(Rulebook accepted) -> Optional.of(accepted);
            case Outcome.Refused _ -> Optional.empty();
        };
    }

    private static String file(Random random) {
        StringBuilder file = new StringBuilder();
        Action[] actions = Action.values();
        for (int i = 0; i < 6; i++) {
            boolean permit = random.nextInt(4) > 0;
            file.append(
                    "@id(\"p%d\") %s (%s, action in [Atlas::Action::\"%s\"], resource);\n"
                            .formatted(
                                    i,
                                    permit ? "permit" : "forbid",
                                    permit || random.nextBoolean()
                                            ? "principal in Atlas::Role::\"%s\""
                                                    .formatted(
                                                            CUSTOM.get(random.nextInt(3))
                                                                    .wireName())
                                            : "principal",
                                    actions[random.nextInt(actions.length)].wireName()));
        }
        return file.toString();
    }

    private static Set<Action> allowed(PolicyDecisionPoint policy, Principal who) {
        Set<Action> allowed = EnumSet.noneOf(Action.class);
        Circumstances known =
                Circumstances.from("10.0.0.1")
                        .asking(InferenceFacts.plainly("chat", Classification.PUBLIC));
        for (Action action : Action.values()) {
            Resource on =
                    action.kind().equals("model")
                            ? Resource.model("m")
                            : Resource.any(action.kind());
            if (policy.decide(who, action, on, known) instanceof Permit) {
                allowed.add(action);
            }
        }
        return allowed;
    }

    @Test
    void nobodyEverHoldsTwoDutiesThatCheckEachOther() {
        long seed = new Random().nextLong();
        int permitted = 0;
        for (int round = 0; round < 60; round++) {
            World world = world(new Random(seed + round));
            for (int p = 0; p < 4; p++) {
                Set<Action> allowed =
                        allowed(world.policy, caller("p" + p, new HashSet<>(roles()), "*"));
                permitted += allowed.size();
                for (Set<Action> pair : APART) {
                    assertThat(allowed.containsAll(pair))
                            .as(
                                    "seed %d: p%d may %s under%n%s",
                                    seed + round, p, pair, world.policies.current().text())
                            .isFalse();
                }
            }
        }
        assertThat(permitted).as("seed %d", seed).isPositive();
    }

    @Test
    void aFileNeverGivesAnythingToWhoHoldsNoCustomRole() {
        long seed = new Random().nextLong();
        for (int round = 0; round < 60; round++) {
            World world = world(new Random(seed + round));
            RolePolicy bare = new RolePolicy(world.grants, CLOCK);
            for (int p = 0; p < 4; p++) {
                Principal who = caller("p" + p, Set.copyOf(Role.builtIn()), "*");
                assertThat(allowed(bare, who))
                        .as("seed %d, p%d", seed + round, p)
                        .containsAll(allowed(world.policy, who));
            }
        }
    }

    @Test
    void whatAFileForbidsInItsHeadAloneIsForbiddenToAll() {
        long seed = new Random().nextLong();
        for (int round = 0; round < 40; round++) {
            Random random = new Random(seed + round);
            World world = world(random);
            Action never = Action.values()[random.nextInt(Action.values().length)];
            world.policies.put(
                    rulebook(
                                    world.policies.current().text()
                                            + "@id(\"never\") forbid (principal, action =="
                                            + " Atlas::Action::\""
                                            + never.wireName()
                                            + "\", resource);")
                            .orElseThrow());
            for (int p = 0; p < 4; p++) {
                assertThat(allowed(world.policy, caller("p" + p, new HashSet<>(roles()), "*")))
                        .as("seed %d, p%d", seed + round, p)
                        .doesNotContain(never);
            }
        }
    }

    @Test
    void theSameFileForAnotherTenantPermitsNothing() {
        long seed = new Random().nextLong();
        for (int round = 0; round < 20; round++) {
            World world = world(new Random(seed + round));
            for (int p = 0; p < 4; p++) {
                Principal foreign = Callers.in("other", "p" + p, new HashSet<>(roles()), "*");
                assertThat(allowed(world.policy, foreign))
                        .as("seed %d, p%d", seed + round, p)
                        .isEmpty();
            }
        }
    }
}

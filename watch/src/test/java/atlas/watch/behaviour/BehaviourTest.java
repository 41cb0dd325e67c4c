package atlas.watch.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Each rule finds what it is for, and says nothing of what only resembles it. */
class BehaviourTest {
    private static final Instant START = Instant.parse("2026-03-02T00:00:00Z");
    private static final long SEED = 20260302;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Behaviour behaviour = new Behaviour(1_000, Places.countries());
    private final List<Finding> found = new ArrayList<>();
    private Instant now = START;
    private long index;

    /** An act, to be changed before it is done. */
    private final class Act {
        String principal = "alice";
        String network = "192.0.2";
        String client = "curl";
        String place = "DE";
        String operation = "chat";
        String model = "small";
        Activity.Kind kind = Activity.Kind.INFERENCE;
        long in = 80 + random.nextInt(60);
        long out = 150 + random.nextInt(300);
        boolean denied;
        boolean injected;
        long prompt;

        void happens() {
            found.addAll(
                    behaviour.observe(
                            new Activity(
                                    index++,
                                    now,
                                    kind,
                                    principal,
                                    "t",
                                    "key-" + principal,
                                    network,
                                    client,
                                    place,
                                    operation,
                                    model,
                                    in,
                                    out,
                                    denied,
                                    injected,
                                    prompt)));
        }
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    /** Works from eight to six, some three minutes from one act to the next. */
    private void usual(int days) {
        Instant end = now.plus(Duration.ofDays(days));
        while (now.isBefore(end)) {
            int hour = (int) (now.getEpochSecond() / 3600 % 24);
            if (hour >= 8 && hour < 18) {
                new Act().happens();
            }
            pass(Duration.ofSeconds(60 + random.nextInt(240)));
        }
    }

    private void untilHour(int hour) {
        while (now.getEpochSecond() / 3600 % 24 != hour) {
            if (now.getEpochSecond() / 3600 % 24 >= 8 && now.getEpochSecond() / 3600 % 24 < 18) {
                new Act().happens();
            }
            pass(Duration.ofMinutes(4));
        }
    }

    private List<String> rules() {
        return found.stream().map(Finding::rule).distinct().toList();
    }

    @Test
    void usualWorkSaysNothing() {
        usual(6);
        assertThat(found).as("seed %d", SEED).isEmpty();
    }

    @Test
    void refusalsOneAfterTheOther() {
        usual(3);
        untilHour(10);
        for (int i = 0; i < 8; i++) {
            Act act = new Act();
            act.denied = true;
            act.happens();
            pass(Duration.ofSeconds(15));
        }
        assertThat(rules()).containsExactly("denied_burst");
        assertThat(found.getFirst().last()).isEqualTo(now.minusSeconds(15));
    }

    @Test
    void refusalsAmongManyThatAreServedAreNoBurst() {
        usual(3);
        untilHour(10);
        for (int i = 0; i < 60; i++) {
            Act act = new Act();
            act.denied = i % 4 == 0;
            act.happens();
            pass(Duration.ofSeconds(15));
        }
        assertThat(rules()).doesNotContain("denied_burst");
    }

    @Test
    void aStolenKeyTriesModels() {
        usual(3);
        untilHour(10);
        for (int i = 0; i < 2; i++) {
            Act act = new Act();
            act.network = "203.0.113";
            act.client = "python";
            act.model = "hidden-" + i;
            act.happens();
            pass(Duration.ofMinutes(1));
        }
        assertThat(rules()).containsExactly("model_enumeration");
        assertThat(found.getFirst().explanation()).contains("new network", "new client");
    }

    @Test
    void oneNewModelIsNobodysBusiness() {
        usual(3);
        untilHour(10);
        for (int i = 0; i < 20; i++) {
            Act act = new Act();
            act.model = "large";
            act.happens();
            pass(Duration.ofMinutes(3));
        }
        assertThat(found).isEmpty();
    }

    @Test
    void aKeyInSeveralHands() {
        usual(3);
        untilHour(10);
        for (int i = 0; i < 2; i++) {
            Act act = new Act();
            act.network = "203.0." + i;
            act.client = "client-" + i;
            act.happens();
            pass(Duration.ofMinutes(10));
        }
        assertThat(rules()).containsExactly("key_sharing");
    }

    @Test
    void nobodyIsInTwoPlacesAtOnce() {
        usual(3);
        untilHour(10);
        new Act().happens();
        pass(Duration.ofMinutes(20));
        Act act = new Act();
        act.network = "198.51.100";
        act.place = "AU";
        act.happens();
        assertThat(rules()).containsExactly("impossible_travel");
        assertThat(found.getFirst().explanation()).contains("DE to AU in 20min");
    }

    @Test
    void aFlightAndAReturnAreNotImpossible() {
        usual(3);
        untilHour(10);
        pass(Duration.ofHours(12));
        for (int i = 0; i < 5; i++) {
            Act act = new Act();
            act.network = "198.51.100";
            act.place = "AU";
            act.happens();
            pass(Duration.ofMinutes(5));
        }
        new Act().happens();
        assertThat(rules()).doesNotContain("impossible_travel");
    }

    @Test
    void onePromptFromSeveralPrincipals() {
        for (String name : List.of("alice", "bob", "bob")) {
            Act act = new Act();
            act.principal = name;
            act.injected = true;
            act.prompt = 4711;
            act.happens();
            pass(Duration.ofMinutes(20));
        }
        assertThat(rules()).containsExactly("injection_campaign");
        assertThat(found.getFirst().evidence()).containsExactly(0L, 1L, 2L);
    }

    @Test
    void onePromptThatNobodyCallsAnInjectionIsATemplate() {
        for (int i = 0; i < 50; i++) {
            Act act = new Act();
            act.principal = "p" + i % 7;
            act.prompt = 4711;
            act.happens();
            pass(Duration.ofMinutes(1));
        }
        assertThat(found).isEmpty();
    }

    @Test
    void answersAndPromptsFarLargerThanUsual() {
        usual(3);
        untilHour(10);
        for (int i = 0; i < 8; i++) {
            Act act = new Act();
            act.out = 6_000 + random.nextInt(2_000);
            act.happens();
            pass(Duration.ofMinutes(3));
        }
        assertThat(rules()).containsExactly("token_spike");
        for (int i = 0; i < 8; i++) {
            Act act = new Act();
            act.in = 4_000;
            act.happens();
            pass(Duration.ofMinutes(3));
        }
        assertThat(rules()).containsExactly("token_spike", "prompt_spike");
    }

    @Test
    void answersTwiceAsLargeForGoodAreNoSpike() {
        usual(3);
        untilHour(9);
        for (int i = 0; i < 150; i++) {
            Act act = new Act();
            act.out *= 2;
            act.happens();
            pass(Duration.ofMinutes(3));
        }
        assertThat(rules()).doesNotContain("token_spike");
    }

    @Test
    void manyTimesTheUsualAmount() {
        usual(4);
        untilHour(10);
        for (int i = 0; i < 400; i++) {
            new Act().happens();
            pass(Duration.ofSeconds(6 + random.nextInt(4)));
        }
        assertThat(rules()).containsExactly("volume_spike");
        assertThat(found.getFirst().score()).isGreaterThan(1);
    }

    @Test
    void threeTimesTheUsualAmountIsABusyHour() {
        usual(4);
        untilHour(10);
        for (int i = 0; i < 60; i++) {
            new Act().happens();
            pass(Duration.ofSeconds(60));
        }
        assertThat(found).isEmpty();
    }

    @Test
    void workAtNight() {
        usual(4);
        untilHour(2);
        for (int i = 0; i < 20; i++) {
            new Act().happens();
            pass(Duration.ofMinutes(2));
        }
        assertThat(rules()).containsExactly("off_hours");
    }

    @Test
    void aWholeTenantThatMovesIsNoIntruder() {
        for (int day = 0; day < 4; day++) {
            for (int minute = 0; minute < 24 * 60; minute++) {
                boolean night = minute >= 120 && minute < 160;
                boolean works = minute >= 8 * 60 && minute < 18 * 60 && minute % 3 == 0;
                if (works || (day == 3 && night)) {
                    for (int i = 0; i < 5; i++) {
                        Act act = new Act();
                        act.principal = "p" + i;
                        act.happens();
                    }
                }
                pass(Duration.ofMinutes(1));
            }
        }
        assertThat(found).isEmpty();
        assertThat(behaviour.shifts()).isEqualTo(5);
    }

    @Test
    void embeddingsByTheHundred() {
        usual(3);
        untilHour(10);
        for (int i = 0; i < 100; i++) {
            Act act = new Act();
            act.operation = "embeddings";
            act.out = 0;
            act.happens();
            pass(Duration.ofSeconds(4));
        }
        assertThat(rules()).containsExactly("embed_scrape");
    }

    @Test
    void answersOfOneLengthByTheClock() {
        usual(3);
        untilHour(10);
        for (int i = 0; i < 8; i++) {
            Act act = new Act();
            act.out = 2_048;
            act.happens();
            pass(Duration.ofSeconds(118 + random.nextInt(5)));
        }
        assertThat(rules()).contains("extraction_slow");
    }

    @Test
    void aJobThatRunsByTheClockFromItsFirstDayIsItsJob() {
        for (int i = 0; i < 3 * 720; i++) {
            Act act = new Act();
            act.out = 64;
            act.happens();
            pass(Duration.ofSeconds(120));
        }
        assertThat(found).isEmpty();
    }

    @Test
    void aKeyWakesElsewhere() {
        usual(1);
        pass(Duration.ofDays(40));
        Act act = new Act();
        act.network = "203.0.113";
        act.happens();
        assertThat(rules()).containsExactly("dormant_key");
    }

    @Test
    void anAdministratorAtNight() {
        for (int day = 0; day < 10; day++) {
            for (int i = 0; i < 4; i++) {
                pass(Duration.ofHours(i == 0 ? 9 : 1));
                administers();
            }
            pass(Duration.ofHours(12));
        }
        assertThat(found).isEmpty();
        pass(Duration.ofHours(3));
        administers();
        assertThat(rules()).containsExactly("off_hours_admin");
    }

    private void administers() {
        Act act = new Act();
        act.kind = Activity.Kind.ADMINISTRATION;
        act.operation = "key.issue";
        act.happens();
    }

    @Test
    void anAttackIsToldOnceWhileItLasts() {
        usual(3);
        untilHour(10);
        for (int i = 0; i < 200; i++) {
            Act act = new Act();
            act.denied = true;
            act.happens();
            pass(Duration.ofSeconds(15));
        }
        assertThat(found.stream().filter(f -> f.rule().equals("denied_burst"))).hasSize(1);
    }

    @Test
    void aRuleThatWasWrongHasToSeeTwiceAsMuch() {
        behaviour.tolerate("denied_burst", "t", "alice");
        behaviour.tolerate("no_such_rule", "t", "alice");
        usual(3);
        untilHour(10);
        denials(Duration.ofSeconds(35));
        assertThat(found).isEmpty();
        denials(Duration.ofSeconds(15));
        assertThat(rules()).containsExactly("denied_burst");
    }

    private void denials(Duration pace) {
        for (int i = 0; i < 8; i++) {
            Act act = new Act();
            act.denied = true;
            act.happens();
            pass(pace);
        }
    }

    @Test
    void principalsBeyondTheBoundAreForgottenNotKept() {
        Behaviour small = new Behaviour(16, Places.countries());
        for (int i = 0; i < 5_000; i++) {
            small.observe(
                    new Activity(
                            i,
                            now,
                            Activity.Kind.INFERENCE,
                            "p" + i,
                            "t" + i,
                            "",
                            "n",
                            "c",
                            "",
                            "chat",
                            "m",
                            1,
                            1,
                            false,
                            false,
                            0));
        }
        assertThat(small.followed()).isEqualTo(16);
    }
}

package atlas.watch;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.AccessRefusals;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AlertRaised;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class WatchTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final List<AlertRaised> raised = new ArrayList<>();
    private final Watch watch =
            new Watch(WatchConfig.defaults(), Clock.fixed(START, ZoneOffset.UTC), raised::add);
    private Instant now = START;
    private long index;

    private void observe(AuditEvent event) {
        watch.observe(index++, event, now);
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    @Test
    void findsABurstOfRefusalsFromOneSource() {
        for (int i = 0; i < 19; i++) {
            observe(Events.refused("192.0.2.1"));
            pass(Duration.ofSeconds(2));
        }
        assertThat(raised).isEmpty();
        observe(Events.refused("192.0.2.1"));
        assertThat(raised).hasSize(1);
        AlertRaised alert = raised.getFirst();
        assertThat(alert.rule()).isEqualTo("denied_burst");
        assertThat(alert.principal()).isEqualTo("source 192.0.2.1");
        assertThat(alert.evidence())
                .containsExactlyElementsOf(LongStream.range(0, 20).boxed().toList());
        assertThat(alert.explanation())
                .isEqualTo(
                        "source 192.0.2.1: 20 refusals within 60s; 20 in that time is the limit");
    }

    @Test
    void refusalsFarApartAreNoBurst() {
        for (int i = 0; i < 500; i++) {
            observe(Events.refused("192.0.2.1"));
            pass(Duration.ofSeconds(4));
        }
        assertThat(raised).isEmpty();
    }

    @Test
    void refusalsOfManyAreNotAddedUpToOne() {
        for (int i = 0; i < 1_000; i++) {
            observe(Events.refused("192.0.2." + i % 250));
            observe(Events.denied(Events.actor("p" + i % 200, "k" + i % 200, "192.0.2.1")));
            pass(Duration.ofMillis(200));
        }
        assertThat(raised).isEmpty();
    }

    @Test
    void countsAPrincipalsRefusalsOfBothPlanes() {
        Actor eve = Events.actor("eve", "k", "192.0.2.1");
        for (int i = 0; i < 10; i++) {
            observe(Events.denied(eve));
            observe(Events.admin(eve, "denied"));
            observe(Events.admin(eve, "done"));
        }
        assertThat(raised).extracting(AlertRaised::principal).containsExactly("eve");
        assertThat(raised.getFirst().evidence())
                .containsExactlyElementsOf(LongStream.range(0, 11).boxed().toList());
    }

    @Test
    void anAlertNamesTheTenantOfWhomItIsAbout() {
        Actor eve = new Actor("eve", "acme", "api_key", "k", "192.0.2.1");
        for (int i = 0; i < 20; i++) {
            observe(Events.denied(eve));
        }
        assertThat(raised).extracting(AlertRaised::tenant).containsExactly("acme");
    }

    @Test
    void findsAFloodThatWasOnlyCounted() {
        observe(new AccessRefusals(START, START.plusSeconds(10), Map.of("a", 90L, "b", 20L), 7));
        assertThat(raised).isEmpty();
        observe(new AccessRefusals(START, START.plusSeconds(10), Map.of("a", 190L, "b", 20L), 7));
        assertThat(raised).hasSize(1);
        assertThat(raised.getFirst().explanation()).contains("210 refusals from 7 sources");
    }

    @Test
    void findsAKeyThatIsUsedFromManyNetworks() {
        String[] sources = {"192.0.2.1", "198.51.100.7", "203.0.113.9", "2001:db8:7::1"};
        for (String source : sources) {
            assertThat(raised).isEmpty();
            observe(Events.intent(Events.actor("alice", "key1", source)));
            pass(Duration.ofMinutes(2));
        }
        assertThat(raised).hasSize(1);
        AlertRaised alert = raised.getFirst();
        assertThat(alert.rule()).isEqualTo("key_sharing");
        assertThat(alert.severity()).isEqualTo("high");
        assertThat(alert.principal()).isEqualTo("alice");
        assertThat(alert.evidence()).containsExactly(0L, 1L, 2L, 3L);
        assertThat(alert.explanation())
                .contains("key key1", "192.0.2.0/24", "20010db80007::/48", "4 networks");
    }

    @Test
    void aKeyThatMovesSlowlyOrWithinItsNetworkIsNotShared() {
        for (int i = 0; i < 300; i++) {
            observe(Events.intent(Events.actor("alice", "key1", "192.0.2." + i % 250)));
            observe(Events.intent(Events.actor("bob", "key2", "10.0." + i % 200 + ".1")));
            pass(Duration.ofMinutes(4));
        }
        assertThat(raised).isEmpty();
    }

    @Test
    void manyKeysFromManyNetworksAreNotOneKey() {
        for (int i = 0; i < 200; i++) {
            observe(Events.intent(Events.actor("app", "key" + i, "10.0." + i + ".1")));
        }
        assertThat(raised).isEmpty();
    }

    @Test
    void aSourceThatIsNoAddressCountsForNothing() {
        for (String source : List.of("local", "", "a.b.c.d", "unix:/x", "999.1.1.1", "1.2")) {
            observe(Events.intent(Events.actor("alice", "key1", source)));
        }
        assertThat(raised).isEmpty();
        assertThat(KeySharingDetector.network("::ffff:192.0.2.1")).contains("192.0.2.0/24");
    }

    private void usualMinutes(Actor actor, Random random, int minutes) {
        for (int i = 0; i < minutes; i++) {
            long tokens = Math.round(Math.exp(6 + 0.5 * random.nextGaussian()));
            observe(Events.outcome(actor, tokens / 2, tokens / 2));
            pass(Duration.ofMinutes(1));
        }
    }

    @Test
    void findsASpikeOfTokensAgainstWhatIsUsual() {
        Actor alice = Events.actor("alice", "k", "192.0.2.1");
        usualMinutes(alice, new Random(1), 60);
        assertThat(raised).isEmpty();
        long first = index;
        for (int i = 0; i < 30; i++) {
            observe(Events.outcome(alice, 500, 1_500));
            pass(Duration.ofSeconds(1));
        }
        assertThat(raised).hasSize(1);
        AlertRaised alert = raised.getFirst();
        assertThat(alert.rule()).isEqualTo("token_spike");
        assertThat(alert.principal()).isEqualTo("alice");
        assertThat(alert.evidence()).contains(first);
        assertThat(alert.explanation()).contains("20000 tokens in one minute; usual is about");
    }

    @Test
    void saysNothingAboutAPrincipalItDoesNotKnowYet() {
        Actor fresh = Events.actor("new", "k", "192.0.2.1");
        observe(Events.outcome(fresh, 1_000_000, 1_000_000));
        assertThat(raised).isEmpty();
        assertThat(watch.metrics().openMetrics()).contains("atlas_watch_warming_principals 1.0");
    }

    @Test
    void anAttackDoesNotSoonBecomeTheUsual() {
        Actor alice = Events.actor("alice", "k", "192.0.2.1");
        usualMinutes(alice, new Random(2), 60);
        for (int i = 0; i < 60; i++) {
            observe(Events.outcome(alice, 50_000, 50_000));
            pass(Duration.ofMinutes(1));
        }
        assertThat(raised).as("one attack, one alert").hasSize(1);
        assertThat(watch.alerts()).singleElement().returns(60L, Alert::times);
    }

    @Test
    void isQuietOnCalmDaysOfManyPrincipals() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int minute = 0; minute < 2 * 24 * 60; minute += 2) {
            for (int p = 0; p < 12; p++) {
                if (random.nextInt(4) != 0) {
                    String source = "10.1." + (p + (random.nextInt(50) == 0 ? 100 : 0)) + ".7";
                    Actor actor = Events.actor("p" + p, "k" + p, source);
                    observe(Events.intent(actor));
                    long tokens = Math.round(Math.exp(5 + p / 3.0 + 0.6 * random.nextGaussian()));
                    observe(Events.outcome(actor, tokens, tokens / 4));
                    if (random.nextInt(40) == 0) {
                        observe(Events.denied(actor));
                        observe(Events.refused(source));
                    }
                }
            }
            pass(Duration.ofMinutes(2));
        }
        assertThat(raised).as("seed %d", seed).isEmpty();
    }

    @Test
    void repeatsWithinTheCooldownAreCountedNotRaised() {
        for (int i = 0; i < 200; i++) {
            observe(Events.refused("192.0.2.1"));
        }
        assertThat(raised).hasSize(1);
        assertThat(watch.alerts()).singleElement().returns(10L, Alert::times);
        pass(Duration.ofMinutes(16));
        for (int i = 0; i < 20; i++) {
            observe(Events.refused("192.0.2.1"));
        }
        assertThat(raised).hasSize(2);
        assertThat(watch.alerts()).extracting(Alert::raised).containsExactly(now, START);
    }

    @Test
    void anAlertIsAcknowledgedOnceByName() {
        for (int i = 0; i < 20; i++) {
            observe(Events.refused("192.0.2.1"));
        }
        String id = watch.alerts().getFirst().id();
        assertThat(watch.ack(id, "olga").orElseThrow().acknowledgedBy()).contains("olga");
        assertThat(watch.ack(id, "otto").orElseThrow().acknowledgedBy()).contains("olga");
        assertThat(watch.ack("alr_none", "olga")).isEmpty();
        assertThat(watch.alerts().getFirst().acknowledgedAt()).contains(START);
    }

    @Test
    void anAlertCannotCauseAnAlert() {
        for (int i = 0; i < 100; i++) {
            observe(new AlertRaised("a", "r", "high", "p", "x", List.of()));
        }
        assertThat(raised).isEmpty();
    }

    @Test
    void aReplayRaisesTheSameAlerts() {
        for (int i = 0; i < 20; i++) {
            observe(Events.refused("192.0.2.1"));
        }
        List<AlertRaised> again = new ArrayList<>();
        Watch second =
                new Watch(WatchConfig.defaults(), Clock.fixed(START, ZoneOffset.UTC), again::add);
        for (int i = 0; i < 20; i++) {
            second.observe(i, Events.refused("192.0.2.1"), START);
        }
        assertThat(again).isEqualTo(raised);
    }

    @Test
    void forgetsTheOldestRatherThanGrow() {
        WatchConfig d = WatchConfig.defaults();
        Watch small =
                new Watch(
                        new WatchConfig(
                                16,
                                16,
                                d.cooldown(),
                                new WatchConfig.DeniedBurst(2, Duration.ofMinutes(1), 100),
                                d.keySharing(),
                                d.tokenSpike()),
                        Clock.fixed(START, ZoneOffset.UTC),
                        raised::add);
        for (int i = 0; i < 5_000; i++) {
            String name = "p" + i;
            small.observe(i, Events.refused("s" + i), START);
            small.observe(i, Events.refused("s" + i), START);
            small.observe(i, Events.outcome(Events.actor(name, name, "192.0.2.1"), 1, 1), START);
        }
        assertThat(raised).hasSize(5_000);
        assertThat(small.alerts()).hasSize(16);
        assertThat(small.alerts().getFirst().subject()).isEqualTo("source s4999");
        assertThat(small.metrics().openMetrics()).contains("atlas_watch_warming_principals 16.0");
    }

    @Test
    void theFullListKeepsWhatNobodyHasSeen() {
        WatchConfig d = WatchConfig.defaults();
        Watch small =
                new Watch(
                        new WatchConfig(
                                64,
                                16,
                                d.cooldown(),
                                new WatchConfig.DeniedBurst(2, Duration.ofMinutes(1), 100),
                                d.keySharing(),
                                d.tokenSpike()),
                        Clock.fixed(START, ZoneOffset.UTC),
                        raised::add);
        for (int i = 0; i < 17; i++) {
            small.observe(i, Events.refused("s" + i), START);
            small.observe(i, Events.refused("s" + i), START);
            if (i == 5) {
                small.ack(small.alerts().getFirst().id(), "olga");
            }
        }
        assertThat(small.alerts())
                .extracting(Alert::subject)
                .contains("source s0", "source s16")
                .doesNotContain("source s5");
    }

    @Test
    void timeThatGoesBackwardsIsSurvived() {
        Actor alice = Events.actor("alice", "k", "192.0.2.1");
        for (int i = 0; i < 1_000; i++) {
            now = START.plusSeconds((i * 7919L) % 100_000);
            observe(Events.outcome(alice, 10, 10));
            observe(Events.intent(alice));
            observe(Events.admin(alice, "done"));
        }
        assertThat(raised).isEmpty();
    }
}

package atlas.control.policies;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.control.policies.Risks.Mark;
import atlas.control.policies.Risks.Who;
import atlas.control.store.AlertBook.Filed;
import atlas.core.AuditEvent.AlertRaised;
import atlas.core.Principal;
import atlas.core.Principal.Credential;
import atlas.policy.Circumstances.Risk;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RisksTest {
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00Z");

    private final Hand hand = new Hand();
    private final Risks risks = new Risks(hand);

    /** A clock that is set by hand. */
    private static final class Hand extends Clock {
        Instant now = T0;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private static Filed alert(String id, String severity, String tenant, String principal) {
        return new Filed(
                new AlertRaised(id, "rule", severity, tenant, principal, "why", List.of(1L)),
                T0,
                Optional.empty(),
                Optional.empty(),
                false);
    }

    private static Filed seen(Filed filed) {
        return new Filed(
                filed.alert(), filed.raised(), Optional.of("olga"), Optional.of(T0), false);
    }

    private Risk of(String id) {
        return risks.of(
                new Principal(
                        id,
                        Principal.Kind.HUMAN,
                        Principal.DEFAULT_TENANT,
                        Set.of(),
                        List.of(),
                        new Credential(Credential.Kind.API_KEY, "k", T0, T0, Optional.empty())));
    }

    @Test
    void theWorstOfWhatNobodyHasSeenCounts() {
        Filed high = alert("a", "high", "default", "alice");
        Filed medium = alert("b", "medium", "default", "alice");
        risks.judge(List.of(high, medium, alert("c", "high", "other", "bob")));
        assertThat(of("alice")).isEqualTo(Risk.HIGH);
        assertThat(of("bob")).isEqualTo(Risk.NORMAL);
        risks.judge(List.of(seen(high), medium));
        assertThat(of("alice")).isEqualTo(Risk.ELEVATED);
        risks.judge(List.of(seen(high), seen(medium)));
        assertThat(of("alice")).isEqualTo(Risk.NORMAL);
    }

    @Test
    void riskEndsByItselfAfterADay() {
        risks.judge(List.of(alert("a", "high", "default", "alice")));
        hand.now = T0.plus(Duration.ofHours(24)).minusSeconds(1);
        assertThat(of("alice")).isEqualTo(Risk.HIGH);
        hand.now = T0.plus(Duration.ofHours(24));
        assertThat(of("alice")).isEqualTo(Risk.NORMAL);
        risks.judge(List.of(alert("a", "high", "default", "alice")));
        assertThat(risks.marks()).isEmpty();
    }

    @Test
    void whoListensHearsOfChangesOnly() {
        AtomicInteger heard = new AtomicInteger();
        risks.onChange(heard::incrementAndGet);
        risks.judge(List.of());
        assertThat(heard).hasValue(0);
        risks.take(Map.of(new Who("default", "alice"), new Mark(T0.plusSeconds(9), T0)));
        assertThat(heard).hasValue(1);
        assertThat(of("alice")).isEqualTo(Risk.HIGH);
    }
}

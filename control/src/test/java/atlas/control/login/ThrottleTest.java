package atlas.control.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private final MovableClock clock = new MovableClock();

    @Test
    void aSourceHasItsTurnsAndAMinuteLaterHasThemAgain() {
        Throttle throttle = new Throttle(2, 10, clock);
        assertThat(throttle.take("192.0.2.1")).isTrue();
        assertThat(throttle.take("192.0.2.1")).isTrue();
        assertThat(throttle.take("192.0.2.1")).isFalse();
        assertThat(throttle.take("192.0.2.2")).isTrue();
        clock.pass(Duration.ofMinutes(1));
        assertThat(throttle.take("192.0.2.1")).isTrue();
    }

    @Test
    void allSourcesTogetherHaveTheirTurns() {
        Throttle throttle = new Throttle(2, 3, clock);
        assertThat(throttle.take("192.0.2.1")).isTrue();
        assertThat(throttle.take("192.0.2.2")).isTrue();
        assertThat(throttle.take("192.0.2.3")).isTrue();
        assertThat(throttle.take("192.0.2.4")).isFalse();
    }

    @Test
    void anIpv6NetworkIsOneSource() {
        Throttle throttle = new Throttle(1, 10, clock);
        assertThat(throttle.take("2001:db8:0:1::1")).isTrue();
        assertThat(throttle.take("2001:db8:0:1:ffff::2")).isFalse();
        assertThat(throttle.take("2001:db8:0:2::1")).isTrue();
    }

    @Test
    void bySourceNobodyUsesUpTheTurnsOfAnother() {
        Throttle throttle = Throttle.bySource(2, clock);
        for (int i = 0; i < 5_000; i++) {
            String stranger = "10.0." + i / 250 + "." + i % 250;
            assertThat(throttle.take(stranger)).isTrue();
        }
        assertThat(throttle.take("192.0.2.1")).isTrue();
    }

    @Test
    void sourcesBeyondThoseThatAreKnownAreStillHeldBack() {
        Throttle throttle = Throttle.bySource(2, clock);
        for (int i = 0; i < 10_000; i++) {
            throttle.take("10." + i / 62_500 + "." + i / 250 + "." + i % 250);
        }
        String late = "192.0.2.1";
        assertThat(throttle.take(late)).isTrue();
        assertThat(throttle.take(late)).isTrue();
        assertThat(throttle.take(late)).isFalse();
    }
}

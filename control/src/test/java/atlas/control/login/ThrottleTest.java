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
}

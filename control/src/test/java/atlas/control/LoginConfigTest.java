package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoginConfigTest {
    private static LoginConfig at(String url) {
        return new LoginConfig(
                Optional.of(URI.create(url)),
                Duration.ofMinutes(15),
                Duration.ofHours(8),
                10,
                List.of(),
                Optional.empty());
    }

    private static LoginConfig lasting(Duration idle, Duration absolute, int each) {
        return new LoginConfig(Optional.empty(), idle, absolute, each, List.of(), Optional.empty());
    }

    @Test
    void withoutAFileKeysAloneSignInAndSessionsEndSoon() {
        LoginConfig usual = LoginConfig.defaults();
        assertThat(usual.oidc()).isEmpty();
        assertThat(usual.device()).isEmpty();
        assertThat(usual.origin()).isEmpty();
        assertThat(usual.sessionIdle()).isEqualTo(Duration.ofMinutes(15));
        assertThat(usual.sessionAbsolute()).isEqualTo(Duration.ofHours(8));
        assertThat(usual.sessionsPerPrincipal()).isEqualTo(10);
    }

    @Test
    void theOriginIsSpelledAsBrowsersSpellIt() {
        assertThat(at("https://Atlas.Example:9443").origin())
                .hasValue("https://atlas.example:9443");
        assertThat(at("https://atlas.example:443/").origin()).hasValue("https://atlas.example");
        assertThat(at("https://[2001:db8::1]:9443").origin())
                .hasValue("https://[2001:db8::1]:9443");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://atlas.example",
                "https://atlas.example/console",
                "https://atlas.example/?a=b",
                "https://atlas.example/#a",
                "https://me@atlas.example",
                "https:///",
                "atlas.example"
            })
    void whatIsNoOriginIsRefused(String url) {
        assertThatThrownBy(() -> at(url)).hasMessageContaining("`public-url` is like");
    }

    @Test
    void sessionsThatLastTooLongAreRefused() {
        Duration hour = Duration.ofHours(1);
        assertThatThrownBy(() -> lasting(Duration.ofHours(3), Duration.ofHours(8), 1))
                .hasMessageContaining("`session-idle`");
        assertThatThrownBy(() -> lasting(Duration.ofSeconds(1), hour, 1))
                .hasMessageContaining("`session-idle`");
        assertThatThrownBy(() -> lasting(hour, Duration.ofHours(25), 1))
                .hasMessageContaining("`session-absolute`");
        assertThatThrownBy(() -> lasting(hour, Duration.ofMinutes(30), 1))
                .hasMessageContaining("`session-absolute`");
        assertThatThrownBy(() -> lasting(hour, hour, 0))
                .hasMessageContaining("`sessions-per-principal`");
    }
}

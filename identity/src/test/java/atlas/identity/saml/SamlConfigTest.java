package atlas.identity.saml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SamlConfigTest {
    private static SamlConfig at(String base, SamlConfig.Provider... providers) {
        return new SamlConfig(
                Optional.of(URI.create(base)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(providers));
    }

    private static SamlConfig.Provider provider(String name, String entity, String metadata) {
        return new SamlConfig.Provider(
                name,
                Optional.empty(),
                entity,
                URI.create(metadata),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Map.of(),
                List.of(),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void defaultsArePinned() {
        SamlConfig none = SamlConfig.defaults();
        assertThat(none.enabled()).isFalse();
        assertThat(none.lifetime()).isEqualTo(Duration.ofDays(365));
        assertThat(none.overlap()).isEqualTo(Duration.ofDays(30));
        assertThat(none.window()).isEqualTo(Duration.ofMinutes(10));
        assertThat(none.signing()).isEqualTo(SamlConfig.Signature.RSA_SHA256);
        assertThat(provider("a", "e", "file:/x").clockSkew()).isEqualTo(Duration.ofSeconds(30));
        SamlConfig usual = at("https://atlas.example/", provider("a", "e", "file:/x"));
        assertThat(usual.ownName()).isEqualTo("https://atlas.example/saml/metadata");
        assertThat(usual.consumerUrl()).isEqualTo("https://atlas.example/saml/acs");
    }

    @Test
    void refusesWhatWouldTrustTooMuch() {
        for (String base :
                List.of(
                        "http://atlas.example",
                        "https://atlas.example/x",
                        "https://atlas.example?x",
                        "https://u@atlas.example",
                        "https:///")) {
            assertThatThrownBy(() -> at(base, provider("a", "e", "file:/x")))
                    .as(base)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("base-url");
        }
        assertThatThrownBy(() -> provider("A", "e", "file:/x")).hasMessageContaining("name");
        assertThatThrownBy(() -> provider("a", "e *", "file:/x")).hasMessageContaining("entity");
        assertThatThrownBy(() -> provider("a", "e", "http://x/y")).hasMessageContaining("https:");
        assertThatThrownBy(() ->
                        at(
                                "https://atlas.example",
                                provider("a", "e", "file:/x"),
                                provider("b", "e", "file:/x")))
                .hasMessageContaining("twice");
    }
}

package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.InferenceDenied;
import atlas.registry.RegistryException;
import atlas.runtime.http.Headers;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModelsJourneyTest {
    private final World world = new World();

    @Test
    void listsTheModelsOneMayUseAndNoOthers() {
        FakeExchange ada = world.handle(World.read("ada", "/v1/models"));
        FakeExchange bob = world.handle(World.read("bob", "/v1/models"));
        FakeExchange eve = world.handle(World.read("eve", "/v1/models"));

        assertThat(ada.text()).contains("\"id\":\"llama\"", "\"id\":\"llama-vision\"");
        assertThat(ada.text()).doesNotContain("\"id\":\"other\"");
        assertThat(bob.text()).contains("\"id\":\"other\"").doesNotContain("llama");
        assertThat(eve.text()).isEqualTo("{\"object\":\"list\",\"data\":[]}");
    }

    @Test
    void showsOneModelWithWhatIsProvedAboutIt() {
        FakeExchange exchange = world.handle(World.read("bob", "/v1/models/other"));

        assertThat(exchange.text())
                .isEqualTo(
                        "{\"id\":\"other\",\"object\":\"model\",\"created\":%d,\"owned_by\":"
                                        .formatted(World.NOW.getEpochSecond())
                                + "\"atlas\",\"atlas\":{\"verified\":true,\"version\":3,"
                                + "\"digest\":\"sha256:"
                                + World.digest("other").hex()
                                + "\",\"signer\":\"demo-signer\"}}");
    }

    @Test
    void hidesAForbiddenModelLikeOneThatDoesNotExist() {
        FakeExchange forbidden = world.handle(World.read("ada", "/v1/models/other"));
        FakeExchange missing = world.handle(World.read("ada", "/v1/models/llama-none"));
        FakeExchange star = world.handle(World.read("ada", "/v1/models/*"));

        assertThat(forbidden.status).isEqualTo(404);
        assertThat(missing.text()).isEqualTo(forbidden.text());
        assertThat(star.text()).isEqualTo(forbidden.text());
    }

    @Test
    void labelsARemoteEngineAsUnproven() {
        world.engines =
                List.of(
                        new GatewayConfig.Engine(
                                "llama-remote",
                                "x",
                                "127.0.0.1",
                                9,
                                false,
                                Optional.empty(),
                                Optional.empty(),
                                List.of()));

        FakeExchange exchange = world.handle(World.read("ada", "/v1/models/llama-remote"));

        assertThat(exchange.text()).contains("\"verified\":false").doesNotContain("digest");
        assertThat(world.handle(World.read("ada", "/v1/models")).text())
                .contains("\"id\":\"llama-remote\"");
        assertThat(world.handle(World.read("bob", "/v1/models")).text())
                .doesNotContain("llama-remote");
    }

    @Test
    void refusesWhoMayListNothingAndRecordsIt() {
        world.identity = _ -> World.authenticated("mallory", atlas.core.Role.CONSUMER, List.of());

        FakeExchange exchange = world.handle(World.read("mallory", "/v1/models"));

        assertThat(exchange.status).isEqualTo(403);
        assertThat(world.journal.of(InferenceDenied.class)).hasSize(1);
    }

    @Test
    void takesGetOnly() {
        FakeExchange exchange =
                world.handle(
                        new FakeExchange("POST", "/v1/models", Headers.of("x-api-key", "ada"), ""));

        assertThat(exchange.status).isEqualTo(405);
    }

    @Test
    void saysUnavailableWhenTheRegistryIsDown() {
        world.registryFault = () -> new RegistryException("unreadable", null);

        assertThat(world.handle(World.read("ada", "/v1/models")).status).isEqualTo(503);
    }
}

package atlas.control.api;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.policy.Action;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private static RouteTable table(Action action, String kind) {
        return new RouteTable(
                List.of(
                        Route.read(
                                "/api/v1/things",
                                action,
                                kind,
                                "things",
                                _ -> Reply.ok(Map.of()))));
    }

    @Test
    void aRouteAsksAboutTheKindItsActionNames() {
        table(Action.KEY_LIST, "key");
        assertThatThrownBy(() -> table(Action.KEY_LIST, "journal"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("asks about `journal`, its action about `key`");
    }

    @Test
    void whatIsNotInTheTableIsRefused() {
        RouteTable table = table(Action.KEY_LIST, "key");
        assertThatThrownBy(() -> table.find("GET", "/api/v1/other")).isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> table.find("DELETE", "/api/v1/things"))
                .isInstanceOf(Refusal.class);
    }
}

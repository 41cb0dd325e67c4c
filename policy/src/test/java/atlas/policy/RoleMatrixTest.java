package atlas.policy;

import static atlas.policy.Callers.NOW;
import static atlas.policy.Callers.caller;
import static atlas.policy.Callers.grant;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Role;
import atlas.policy.Decision.Permit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The whole table, decided by the policy itself and held against the page people read. */
class RoleMatrixTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "roles.md");
    private static final String BEGIN = "<!-- table: generated, do not edit -->\n";
    private static final String END = "<!-- end of table -->\n";

    private static boolean permits(Role role, Action action) {
        MemoryGrantStore grants = new MemoryGrantStore();
        grants.put(grant("p", role, "m"));
        RolePolicy policy = new RolePolicy(grants, Clock.fixed(NOW, ZoneOffset.UTC));
        return policy.decide(caller("p", Set.of(role), "m"), action, Resource.model("m"))
                instanceof Permit;
    }

    private static String table() {
        StringBuilder out = new StringBuilder("| action |");
        for (Role role : Role.builtIn()) {
            out.append(" ").append(role.wireName()).append(" |");
        }
        out.append("\n|---|").append("---|".repeat(Role.builtIn().size())).append("\n");
        for (Action action : Action.values()) {
            out.append("| `").append(action.wireName()).append("` |");
            for (Role role : Role.builtIn()) {
                out.append(permits(role, action) ? " yes |" : "  |");
            }
            out.append("\n");
        }
        return out.toString();
    }

    @Test
    void thePageShowsWhatIsDecided() throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf(BEGIN) + BEGIN.length();
        int to = page.indexOf(END);
        if ("write".equals(System.getProperty("atlas.golden"))) {
            page = page.substring(0, from) + table() + page.substring(to);
            Files.writeString(PAGE, page);
            to = page.indexOf(END);
        }
        assertThat(page.substring(from, to)).isEqualTo(table());
    }

    @Test
    void theSeparatedDutiesAreSeparate() {
        Map<Role, Set<Action>> never =
                Map.of(
                        Role.MODEL_ADMIN,
                        EnumSet.of(
                                Action.MODEL_INFER,
                                Action.MODEL_DEPLOY,
                                Action.MODEL_ROLLBACK,
                                Action.KEY_ISSUE,
                                Action.ROLE_GRANT,
                                Action.JOURNAL_READ),
                        Role.OPERATOR,
                        EnumSet.of(
                                Action.MODEL_PUSH,
                                Action.MODEL_APPROVE,
                                Action.KEY_ISSUE,
                                Action.ROLE_GRANT),
                        Role.SECURITY_ADMIN,
                        EnumSet.of(
                                Action.MODEL_INFER,
                                Action.MODEL_DEPLOY,
                                Action.MODEL_PUSH,
                                Action.JOURNAL_READ),
                        Role.CONSUMER,
                        EnumSet.complementOf(
                                EnumSet.of(
                                        Action.MODEL_INFER,
                                        Action.MODEL_LIST,
                                        Action.VECTORS_CREATE,
                                        Action.VECTORS_LIST,
                                        Action.VECTORS_SEARCH,
                                        Action.VECTORS_WRITE,
                                        Action.VECTORS_DELETE,
                                        Action.TOKEN_ISSUE,
                                        Action.STATUS_READ,
                                        Action.WHOAMI)));
        never.forEach((role, actions) ->
                actions.forEach(action ->
                        assertThat(permits(role, action)).as("%s %s", role, action).isFalse()));
        for (Action action : Action.values()) {
            if (permits(Role.AUDITOR, action)) {
                // A token for oneself, of less reach and for minutes, changes nothing either.
                assertThat(action.wireName())
                        .matches(".*\\.(read|list|verify|explain|status)|whoami|token\\.issue");
            }
        }
    }

    @Test
    void everyActionIsSomebodysAndHasAName() {
        for (Action action : Action.values()) {
            // What belongs to somebody else only a policy file gives away.
            assertThat(Role.builtIn().stream().anyMatch(role -> permits(role, action)))
                    .as(action.wireName())
                    .isEqualTo(action != Action.VECTORS_SHARED);
            assertThat(Action.ofWireName(action.wireName())).contains(action);
        }
        assertThat(Action.ofWireName("model.destroy")).isEmpty();
    }
}

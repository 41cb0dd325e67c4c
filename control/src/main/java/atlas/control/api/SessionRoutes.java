package atlas.control.api;

import atlas.control.login.Ending;
import atlas.control.login.Session;
import atlas.control.login.Sessions;
import atlas.policy.Action;
import java.util.List;
import java.util.Map;

/** Everybody's sessions: list them, end one. */
final class SessionRoutes {
    private final Sessions sessions;

    SessionRoutes(Sessions sessions) {
        this.sessions = sessions;
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                        "/api/v1/sessions",
                        Action.SESSION_LIST,
                        "session",
                        "who is signed in at the console",
                        _ ->
                                Reply.ok(
                                        Views.list(
                                                "sessions",
                                                sessions.list().stream()
                                                        .map(Views::session)
                                                        .toList()))),
                Route.act(
                        "DELETE",
                        "/api/v1/sessions/{id}",
                        Action.SESSION_REVOKE,
                        "session",
                        "end a console session, at once",
                        this::revoke));
    }

    private Act revoke(Call call) throws Refusal {
        String id = call.variable("id");
        Session session =
                sessions.list().stream()
                        .filter(s -> s.id().equals(id))
                        .findFirst()
                        .orElseThrow(() -> Problems.notFound("there is no session `" + id + "`"));
        return new Act(
                "session:" + id,
                Views.session(session),
                Map.of("state", "revoked"),
                () -> {
                    sessions.end(id, Ending.REVOKED, call.actor());
                    return Act.Done.with(Reply.ok(Map.of("id", id, "state", "revoked")));
                });
    }
}

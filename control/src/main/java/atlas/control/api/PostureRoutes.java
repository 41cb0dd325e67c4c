package atlas.control.api;

import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.optional;

import atlas.control.posture.Posture;
import atlas.policy.Action;
import atlas.posture.PostureReport;
import atlas.posture.Rollout;
import atlas.posture.RolloutException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** How far the rollout of zero trust has come, and finding out. */
final class PostureRoutes {
    private final Supplier<Optional<Posture>> posture;

    PostureRoutes(Supplier<Optional<Posture>> posture) {
        this.posture = posture;
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                        "/api/v1/posture",
                        Action.POSTURE_READ,
                        "posture",
                        "what was measured last, by this process",
                        _ -> Reply.ok(last())),
                Route.read(
                        "/api/v1/posture/report",
                        Action.POSTURE_READ,
                        "posture",
                        "the same as a page to print",
                        _ ->
                                Reply.text(
                                        "text/html; charset=utf-8",
                                        PosturePage.of(
                                                known().last()
                                                        .orElseThrow(PostureRoutes::nothing)))),
                Route.act(
                                "POST",
                                "/api/v1/posture",
                                Action.POSTURE_MEASURE,
                                "posture",
                                "measure every control, by acting and looking at what comes of it",
                                this::measure)
                        .body(
                                optional(
                                        "rollout",
                                        STRING,
                                        "a rollout file; the standard one when not given")));
    }

    private Posture known() throws Refusal {
        return posture.get()
                .orElseThrow(() -> Problems.unavailable("the control plane is starting"));
    }

    private static Refusal nothing() {
        return Problems.notFound(
                "nothing was measured since this process began; POST /api/v1/posture does it");
    }

    private Map<String, Object> last() throws Refusal {
        return PostureViews.of(known().last().orElseThrow(PostureRoutes::nothing));
    }

    private Act measure(Call call) throws Refusal {
        Rollout rollout = rollout(call.input().optionalText("rollout"));
        Posture here = known();
        return new Act(
                "posture",
                Map.of(),
                Map.of("phases", rollout.phases().size()),
                () -> {
                    PostureReport report =
                            here.measure(rollout)
                                    .orElseThrow(() ->
                                            Problems.conflict(
                                                    "somebody is measuring; try again in a"
                                                            + " moment"));
                    return new Act.Done(Reply.ok(PostureViews.of(report)), Posture.result(report));
                });
    }

    private static Rollout rollout(Optional<String> file) throws Refusal {
        try {
            return file.map(Rollout::parse).orElseGet(Rollout::standard);
        } catch (RolloutException e) {
            throw Problems.invalid("`rollout`: " + e.getMessage());
        }
    }
}

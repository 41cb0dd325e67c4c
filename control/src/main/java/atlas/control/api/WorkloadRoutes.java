package atlas.control.api;

import atlas.control.enrol.Enrolments;
import atlas.control.enrol.Invitation;
import atlas.control.enrol.JoinToken;
import atlas.control.enrol.Workload;
import atlas.control.link.Followers;
import atlas.policy.Action;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gateways and nodes in processes of their own: invite one, list them, end one's enrolment. */
final class WorkloadRoutes {
    private static final Duration USUAL_WAIT = Duration.ofMinutes(15);

    private final Enrolments enrolments;
    private final Followers followers;
    private final Optional<X509Certificate> root;

    /**
     * @param root of the trust domain, which goes into tokens; empty when this control plane has no
     *     listener for others, so that nobody can be invited
     */
    WorkloadRoutes(Enrolments enrolments, Followers followers, Optional<X509Certificate> root) {
        this.enrolments = enrolments;
        this.followers = followers;
        this.root = root;
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                        "/api/v1/workloads",
                        Action.WORKLOAD_LIST,
                        "workload",
                        "gateways and nodes that have joined",
                        _ ->
                                Reply.ok(
                                        Views.list(
                                                "workloads",
                                                enrolments.list().stream()
                                                        .map(this::view)
                                                        .toList()))),
                Route.act(
                                "POST",
                                "/api/v1/workloads/join-tokens",
                                Action.WORKLOAD_INVITE,
                                "workload",
                                "make a token with which a gateway or node joins, once",
                                this::invite)
                        .body(
                                Field.required("role", Field.Type.STRING, "`gateway` or `node`"),
                                Field.required(
                                        "name",
                                        Field.Type.STRING,
                                        "its name among those of its role"),
                                Field.optional(
                                        "server_names",
                                        Field.Type.STRINGS,
                                        "DNS names and addresses it is reached by, beside"
                                                + " localhost"),
                                Field.optional(
                                        "expires",
                                        Field.Type.STRING,
                                        "how long the token waits, at most `1d`; `15m` unless"
                                                + " said otherwise")),
                Route.act(
                        "DELETE",
                        "/api/v1/workloads/{role}/{workload}",
                        Action.WORKLOAD_REMOVE,
                        "workload",
                        "end an enrolment, from the next call on",
                        this::remove));
    }

    private Map<String, Object> view(Workload workload) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("role", workload.role().wireName());
        view.put("name", workload.name());
        view.put("spiffe_path", workload.path());
        view.put("server_names", workload.serverNames());
        view.put("joined", workload.joined().toString());
        followers
                .of(workload)
                .ifPresent(f -> {
                    view.put("last_seen", f.seen().toString());
                    view.put("address", f.host() + ":" + f.port());
                });
        return view;
    }

    private Act invite(Call call) throws Refusal {
        X509Certificate anchor =
                root.orElseThrow(() ->
                        Problems.conflict(
                                "this control plane has no listener for others; set"
                                        + " `control.internal-port`"));
        Input input = call.input();
        Workload.Role role = role(input.text("role"));
        String name = input.text("name");
        List<String> names = input.texts("server_names");
        Optional<String> expires = input.optionalText("expires");
        Duration wait = expires.isPresent() ? Times.duration("expires", expires.get()) : USUAL_WAIT;
        URI control = URI.create("https://" + call.exchange().authority());
        return new Act(
                "workload:/" + role.wireName() + "/" + name,
                Map.of(),
                Map.of("role", role.wireName(), "name", name, "server_names", names),
                () -> {
                    Enrolments.Invited invited;
                    try {
                        invited = enrolments.invite(role, name, names, wait);
                    } catch (IllegalArgumentException e) {
                        throw Problems.invalid(String.valueOf(e.getMessage()));
                    }
                    Invitation made = invited.invitation();
                    JoinToken token = new JoinToken(control, anchor, made.id(), invited.secret());
                    Map<String, Object> view = new LinkedHashMap<>();
                    view.put("id", made.id());
                    view.put("role", role.wireName());
                    view.put("name", name);
                    view.put("expires", made.expires().toString());
                    view.put("token", token.text().reveal());
                    return new Act.Done(Reply.created(view), Map.of("join_token", made.id()));
                });
    }

    private Act remove(Call call) throws Refusal {
        Workload.Role role = role(call.variable("role"));
        String name = call.variable("workload");
        Workload workload =
                enrolments
                        .removable(role, name)
                        .orElseThrow(() ->
                                Problems.notFound(
                                        "no " + role.wireName() + " `" + name + "` has joined"));
        return new Act(
                "workload:" + workload.path(),
                view(workload),
                Map.of("state", "removed"),
                () -> {
                    enrolments.remove(workload);
                    followers.forget(workload);
                    return Act.Done.with(Reply.ok(Map.of("name", name, "state", "removed")));
                });
    }

    private static Workload.Role role(String name) throws Refusal {
        return Workload.Role.ofWireName(name)
                .orElseThrow(() -> Problems.invalid("a workload is a `gateway` or a `node`"));
    }
}

package atlas.control.api;

import atlas.control.posture.Facing;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The complete list of what the control plane answers to. What is not here does not exist. */
public final class RouteTable {
    private final List<Route> routes;

    RouteTable(List<Route> routes) {
        for (Route route : routes) {
            // Policies are written about the kind that an action says; another would escape them.
            if (!route.kind().equals(route.action().kind())) {
                throw new IllegalStateException(
                        "`%s %s` asks about `%s`, its action about `%s`"
                                .formatted(
                                        route.method(),
                                        route.pattern(),
                                        route.kind(),
                                        route.action().kind()));
            }
        }
        this.routes = List.copyOf(routes);
    }

    /** A route with the variables its path carries. */
    record Match(Route route, Map<String, String> variables) {}

    List<Route> routes() {
        return routes;
    }

    /** What each of them asks policy, for whoever walks them. */
    public List<Facing.ActRoute> acts() {
        return routes.stream()
                .map(route -> new Facing.ActRoute(route.method(), route.pattern(), route.action()))
                .toList();
    }

    /** The route for a method and a canonical path; a refusal when there is none. */
    Match find(String method, String path) throws Refusal {
        Set<String> allowed = new LinkedHashSet<>();
        for (Route route : routes) {
            Optional<Map<String, String>> variables = route.match(path);
            if (variables.isEmpty()) {
                continue;
            }
            if (route.method().equals(method)) {
                return new Match(route, variables.get());
            }
            allowed.add(route.method());
        }
        if (allowed.isEmpty()) {
            throw Problems.notFound("there is nothing here; see /api/v1/openapi.json");
        }
        throw Problems.methodNotAllowed(String.join(", ", new ArrayList<>(allowed)));
    }
}

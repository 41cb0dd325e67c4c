package atlas.control.posture;

import atlas.policy.Action;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * The doors of an installation: what is asked by checks.
 *
 * @param gateway where inference is asked for; empty where this control plane does not know one
 * @param control this control plane's own door
 * @param acts the routes of the control plane with what each of them asks policy
 * @param listeners everything that listens, by name
 */
public record Facing(
        Optional<Door> gateway, Door control, List<ActRoute> acts, List<Listener> listeners) {
    public Facing {
        acts = List.copyOf(acts);
        listeners = List.copyOf(listeners);
    }

    /** A door; its routes are {@code METHOD /pattern}, with {@code open} before public ones. */
    public record Door(InetSocketAddress at, List<String> routes) {
        public Door {
            routes = List.copyOf(routes);
        }
    }

    /** A route and the action it is. */
    public record ActRoute(String method, String pattern, Action action) {}

    /** Something that listens. */
    public record Listener(String name, InetSocketAddress at) {}
}

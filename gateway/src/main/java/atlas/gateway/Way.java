package atlas.gateway;

import atlas.runtime.http.Exchange;
import java.util.List;
import java.util.function.Consumer;

/**
 * One way in: a path, or all paths below one, and the journey that begins there. What no way covers
 * does not exist, and the list of ways is the list of what must be defended.
 *
 * @param pattern a path; {@code {name...}} at its end stands for all that may follow
 * @param methods the methods its journey takes; the journey itself refuses the others
 */
record Way(String pattern, List<String> methods, Consumer<Exchange> journey) {
    private static final String REST = "...}";

    Way {
        methods = List.copyOf(methods);
        if (pattern.indexOf('{') >= 0 && !pattern.endsWith(REST)) {
            throw new IllegalArgumentException("a variable that is not the rest: " + pattern);
        }
    }

    static Way of(String method, String pattern, Consumer<Exchange> journey) {
        return new Way(pattern, List.of(method), journey);
    }

    boolean covers(String path) {
        return pattern.endsWith(REST)
                ? path.startsWith(pattern.substring(0, pattern.indexOf('{')))
                : path.equals(pattern);
    }
}

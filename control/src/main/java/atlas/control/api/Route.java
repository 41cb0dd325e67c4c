package atlas.control.api;

import atlas.policy.Action;
import atlas.policy.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One line of the route table: what is asked, what policy is asked about it, who answers.
 *
 * @param pattern path with {@code {name}} for one segment and {@code {name...}} for all that follow
 * @param kind the kind of resource policy is asked about; {@code model} takes the name in the path
 * @param bytes whether the body is bytes and not a JSON object
 * @param tag the resource in the reference
 */
record Route(
        String method,
        String pattern,
        Action action,
        String kind,
        String summary,
        List<Field> query,
        List<Field> body,
        boolean takesBytes,
        Operation operation) {

    /** What a route does: look, act, or take the exchange over. */
    sealed interface Operation {
        /** Changes nothing; not journaled here (reads of the journal journal themselves). */
        non-sealed interface Reading extends Operation {
            Reply read(Call call) throws Exception;
        }

        /** Says what it is about to change; the journey records that, then lets it happen. */
        non-sealed interface Acting extends Operation {
            Act plan(Call call) throws Exception;
        }

        /** Answers over time. */
        non-sealed interface Streaming extends Operation {
            void stream(Call call) throws Exception;
        }
    }

    static Route read(
            String path, Action action, String kind, String summary, Operation.Reading op) {
        return new Route("GET", path, action, kind, summary, List.of(), List.of(), false, op);
    }

    static Route act(
            String method,
            String path,
            Action action,
            String kind,
            String summary,
            Operation.Acting op) {
        return new Route(method, path, action, kind, summary, List.of(), List.of(), false, op);
    }

    Route query(Field... fields) {
        return new Route(
                method,
                pattern,
                action,
                kind,
                summary,
                List.of(fields),
                body,
                takesBytes,
                operation);
    }

    Route body(Field... fields) {
        return new Route(
                method,
                pattern,
                action,
                kind,
                summary,
                query,
                List.of(fields),
                takesBytes,
                operation);
    }

    List<Field> fields() {
        List<Field> all = new ArrayList<>(query);
        all.addAll(body);
        return all;
    }

    /** The path's variables when it is this route's; empty when it is not. */
    Optional<Map<String, String>> match(String path) {
        String[] wanted = pattern.split("/", -1);
        String[] given = path.split("/", -1);
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < wanted.length; i++) {
            String segment = wanted[i];
            if (segment.endsWith("...}")) {
                if (i >= given.length) {
                    return Optional.empty();
                }
                variables.put(
                        segment.substring(1, segment.length() - 4),
                        String.join("/", List.of(given).subList(i, given.length)));
                return Optional.of(variables);
            }
            if (i >= given.length) {
                return Optional.empty();
            }
            if (segment.startsWith("{")) {
                variables.put(segment.substring(1, segment.length() - 1), given[i]);
            } else if (!segment.equals(given[i])) {
                return Optional.empty();
            }
        }
        return given.length == wanted.length ? Optional.of(variables) : Optional.empty();
    }

    /** What policy is asked about. */
    Resource resource(Map<String, String> variables) {
        String name = variables.get("name");
        return kind.equals("model") && name != null ? Resource.model(name) : Resource.any(kind);
    }
}

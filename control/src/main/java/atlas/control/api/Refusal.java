package atlas.control.api;

import atlas.runtime.Problem;
import java.util.Map;

/** Leaves a journey with an answer that is not the one asked for; carries no stack. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;
    private final transient Map<String, String> headers;

    Refusal(Problem problem) {
        this(problem, Map.of());
    }

    Refusal(Problem problem, Map<String, String> headers) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
        this.headers = headers;
    }

    Problem problem() {
        return problem;
    }

    Map<String, String> headers() {
        return headers;
    }
}

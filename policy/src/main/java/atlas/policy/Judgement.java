package atlas.policy;

import java.util.List;

/** What a policy file says to one question, beside the built-in roles. */
public sealed interface Judgement {

    /** A {@code forbid} applies. */
    record Forbidden(List<String> policies) implements Judgement {
        public Forbidden {
            policies = List.copyOf(policies);
        }
    }

    /** No {@code forbid} applies, and a {@code permit} does. */
    record Permitted(List<String> policies) implements Judgement {
        public Permitted {
            policies = List.copyOf(policies);
        }
    }

    /** Nothing in it applies. */
    record Silent() implements Judgement {}

    /** A policy that could apply cannot be evaluated; the answer is no. */
    record Unanswerable(String why, List<String> policies) implements Judgement {
        public Unanswerable {
            policies = List.copyOf(policies);
        }
    }
}

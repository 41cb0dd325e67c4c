package atlas.control.login;

import atlas.runtime.http.Exchange;
import java.util.List;

/**
 * A place that somebody without a credential may call, because it is how one gets one: the paths of
 * one way of signing in. Answers by itself; what it lets out about itself is the same for
 * everybody.
 */
public interface Door {
    /**
     * Answers when the call is for one of its paths and methods; false when it is for anything
     * else, which then is nobody's before a credential was shown.
     *
     * @throws Shut when the answer is a refusal; the journey records and sends it
     */
    boolean serve(Exchange exchange) throws Shut;

    /** What it answers to anybody, as {@code METHOD /path}. */
    List<String> routes();

    /** A refusal at a door, by kind; the journey has the words for it. */
    final class Shut extends Exception {
        private static final long serialVersionUID = 1L;

        /** What kind of refusal. */
        public enum Kind {
            /** As any stranger is answered. */
            UNAUTHENTICATED,
            /** Known, but this call is not believed to be theirs. */
            NOT_OURS,
            MALFORMED,
            TOO_OFTEN,
            /** Something needed for the answer is away. */
            UNAVAILABLE,
            /** A person's browser is at a path of ours: back to the sign-in page with it. */
            BACK_TO_PAGE,
            /** The same, for what may work in a moment. */
            BACK_TO_PAGE_AWAY
        }

        private final Kind kind;
        private final String reason;
        private final String hint;

        /**
         * @param reason stable, lower case with underscores; for the journal
         * @param hint of whom or what, as far as can be said without a secret; for the journal
         */
        public Shut(Kind kind, String reason, String hint) {
            super(reason, null, false, false);
            this.kind = kind;
            this.reason = reason;
            this.hint = hint;
        }

        public Kind kind() {
            return kind;
        }

        public String reason() {
            return reason;
        }

        public String hint() {
            return hint;
        }
    }
}

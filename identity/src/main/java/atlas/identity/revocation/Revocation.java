package atlas.identity.revocation;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * One thing taken back.
 *
 * @param tenant whose it is
 * @param id of the token ({@code jti}), the principal, the API key, or the grant (see {@link
 *     #grant}); {@code *} for everything
 * @param since what was issued before this moment is worth nothing any more
 * @param until when nothing that it concerns can be alive, and it may be forgotten
 * @param epoch the number of this change; later changes have higher numbers
 * @param reason for the journal and the list; at most 200 characters
 */
public record Revocation(
        Kind kind,
        String tenant,
        String id,
        Instant since,
        Instant until,
        long epoch,
        String reason) {
    /** What is taken back. */
    public enum Kind {
        /** One token, and every token exchanged for it. */
        TOKEN,
        /** Whatever a principal holds that was issued before: tokens, keys, certificates. */
        PRINCIPAL,
        /** Every token that a key was exchanged for. */
        KEY,
        /** Every token of a principal that carries the role. */
        GRANT,
        /** Every token of ours. */
        EVERYTHING;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Kind> ofWireName(String name) {
            for (Kind kind : values()) {
                if (kind.wireName().equals(name)) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }

    public Revocation {
        if (id.isEmpty() || id.length() > 600 || tenant.isEmpty()) {
            throw new IllegalArgumentException("a revocation names what it takes back, and whose");
        }
        if (reason.length() > 200) {
            throw new IllegalArgumentException("a reason has at most 200 characters");
        }
        if (until.isBefore(since)) {
            throw new IllegalArgumentException("a revocation ends after it begins");
        }
    }

    /** The id of a grant: a role of a principal, or of a pattern of principals. */
    public static String grant(String principal, String role) {
        return role + " " + principal;
    }

    /**
     * Whether something issued then is taken back. Times of issue may be cut to whole seconds, so
     * within one second the epoch at issue decides.
     */
    boolean ends(Instant issued, long issuedAtEpoch) {
        return issuedAtEpoch < epoch || issued.getEpochSecond() < since.getEpochSecond();
    }
}

package atlas.watch;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Something that looks wrong, as a person sees it.
 *
 * @param id derived from rule, subject and first evidence, so that a replay gives the same
 * @param rule what was judged: {@code denied_burst}, {@code key_sharing}, {@code token_spike}, …
 * @param severity {@code medium} or {@code high}
 * @param subject whom or what it is about: {@code principal alice}, {@code key abc}, {@code source
 *     192.0.2.1}
 * @param principal the principal, where one is known; empty otherwise
 * @param explanation what was seen, against what is usual, in one sentence
 * @param evidence journal indexes, oldest first
 * @param raised when it was raised
 * @param last when it was last confirmed
 * @param times how often it was seen; repeats within the cooldown raise no new alert
 * @param acknowledgedBy who has seen it
 * @param acknowledgedAt when they said so
 */
public record Alert(
        String id,
        String rule,
        String severity,
        String subject,
        String principal,
        String explanation,
        List<Long> evidence,
        Instant raised,
        Instant last,
        long times,
        Optional<String> acknowledgedBy,
        Optional<Instant> acknowledgedAt) {
    public Alert {
        evidence = List.copyOf(evidence);
    }

    Alert seenAgain(Instant when) {
        return new Alert(
                id,
                rule,
                severity,
                subject,
                principal,
                explanation,
                evidence,
                raised,
                when,
                times + 1,
                acknowledgedBy,
                acknowledgedAt);
    }

    Alert acknowledged(String by, Instant now) {
        return new Alert(
                id,
                rule,
                severity,
                subject,
                principal,
                explanation,
                evidence,
                raised,
                last,
                times,
                Optional.of(by),
                Optional.of(now));
    }
}

package atlas.watch.behaviour;

import java.util.Optional;

/** Most of what a principal asks is refused: it tries what it may not do. */
final class DenialRule implements Rule {
    private static final long WINDOW = 5 * 60_000;

    @Override
    public String name() {
        return "denied_burst";
    }

    @Override
    public Optional<Sign> judge(Activity act, Profile profile) {
        if (!act.denied()) {
            return Optional.empty();
        }
        Ring denials = profile.denials;
        denials.add(act.millis(), profile.acts());
        long acts = profile.acts() - denials.oldestMark() + 1;
        if (!denials.full()
                || denials.oldestTime() < act.millis() - WINDOW
                || acts > 2L * denials.size()) {
            return Optional.empty();
        }
        long since = denials.oldestTime();
        int refused = denials.size();
        denials.clear();
        return Optional.of(
                new Sign(
                        "medium",
                        since,
                        (double) WINDOW / Math.max(1, act.millis() - since),
                        "%d of the last %d requests were refused, within %ds; %d within %ds is the limit"
                                .formatted(
                                        refused,
                                        acts,
                                        (act.millis() - since) / 1000,
                                        refused,
                                        WINDOW / 1000),
                        profile.evidence()));
    }
}

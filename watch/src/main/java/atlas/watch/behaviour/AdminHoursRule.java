package atlas.watch.behaviour;

import java.util.Optional;

/** An administrator acts at a time of day at which it never did. */
final class AdminHoursRule implements Rule {
    private static final long SETTLED = 7 * 86_400;
    private static final int FEWEST = 20;

    @Override
    public String name() {
        return "off_hours_admin";
    }

    @Override
    public boolean learned() {
        return true;
    }

    @Override
    public Optional<Sign> judge(Activity act, Profile profile) {
        if (act.inference()) {
            return Optional.empty();
        }
        Hours hours = profile.administration();
        long second = act.when().getEpochSecond();
        int near = hours.near(second);
        if (profile.age(act) < SETTLED || hours.total() < FEWEST || near > 0) {
            return Optional.empty();
        }
        return Optional.of(
                new Sign(
                        "medium",
                        act.millis(),
                        1,
                        "`%s` at a time of day (UTC) at which none of its %d acts was"
                                .formatted(act.operation(), hours.total()),
                        profile.evidence()));
    }
}

package atlas.watch.behaviour;

import java.util.Optional;

/** A key that nobody used for weeks is used again, from a network its principal does not use. */
final class DormantKeyRule implements Rule {
    private static final long DORMANT = 30L * 86_400;

    @Override
    public String name() {
        return "dormant_key";
    }

    @Override
    public Optional<Sign> judge(Activity act, Profile profile) {
        if (act.credential().isEmpty() || act.network().isEmpty()) {
            return Optional.empty();
        }
        long second = act.when().getEpochSecond();
        long idle = second - profile.credentials.lastSeen(act.credential().hashCode());
        if (idle < DORMANT || profile.networks.has(act.network().hashCode())) {
            return Optional.empty();
        }
        return Optional.of(
                new Sign(
                        "medium",
                        act.millis(),
                        idle / (double) DORMANT,
                        "key %s wakes after %d days, on a network it never used"
                                .formatted(act.credential(), idle / 86_400),
                        profile.evidence()));
    }
}

package atlas.watch.behaviour;

import java.util.Optional;

/**
 * A request from an unknown network in another place, sooner than anybody can get there. Coming
 * back to a known network is not judged: a person travels, the service at home goes on.
 */
final class TravelRule implements Rule {
    private static final long SETTLED = 6 * 3600;

    private final Places places;

    TravelRule(Places places) {
        this.places = places;
    }

    @Override
    public String name() {
        return "impossible_travel";
    }

    @Override
    public Optional<Sign> judge(Activity act, Profile profile) {
        String from = profile.lastPlace();
        if (act.place().isEmpty()
                || from.isEmpty()
                || from.equals(act.place())
                || profile.age(act) < SETTLED
                || profile.networks.has(act.network().hashCode())) {
            return Optional.empty();
        }
        double hours = (act.millis() - profile.lastPlaceAt()) / 3.6e6;
        double needed = places.hours(from, act.place());
        if (hours >= needed) {
            return Optional.empty();
        }
        return Optional.of(
                new Sign(
                        "high",
                        act.millis(),
                        Math.min(100, needed / Math.max(hours, 1.0 / 60)),
                        "from %s to %s in %.0fmin, on a network it never used; the way takes %.0fmin at least"
                                .formatted(from, act.place(), hours * 60, needed * 60),
                        profile.evidence()));
    }
}

package atlas.watch.behaviour;

import java.util.Optional;

/**
 * Several clients on several networks, none of them known, within an hour: a key that was shared.
 */
final class SharingRule implements Rule {
    private static final long SETTLED = 12 * 3600;
    private static final long WINDOW = 3600;
    private static final int FEWEST = 2;

    @Override
    public String name() {
        return "key_sharing";
    }

    @Override
    public Optional<Sign> judge(Activity act, Profile profile) {
        if (profile.age(act) < SETTLED
                || act.network().isEmpty()
                || act.client().isEmpty()
                || profile.networks.has(act.network().hashCode())
                || profile.clients.has(act.client().hashCode())) {
            return Optional.empty();
        }
        long from = act.when().getEpochSecond() - WINDOW;
        int networks = profile.networks.freshSince(from) + 1;
        int clients = profile.clients.freshSince(from) + 1;
        if (networks < FEWEST || clients < FEWEST) {
            return Optional.empty();
        }
        return Optional.of(
                new Sign(
                        "high",
                        profile.networks.earliestSince(from) * 1000,
                        Math.min(networks, clients) / (double) FEWEST,
                        "%d new clients on %d new networks within %dmin; %d of each is the limit"
                                .formatted(clients, networks, WINDOW / 60, FEWEST),
                        profile.evidence()));
    }
}

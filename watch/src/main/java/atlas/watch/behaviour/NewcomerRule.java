package atlas.watch.behaviour;

import java.util.Optional;

/**
 * A known principal whose requests try model after model that it never used: a key in hands that do
 * not know what it opens. From a new network or client it counts sooner, as that is what a stolen
 * key looks like.
 */
final class NewcomerRule implements Rule {
    private static final long SETTLED = 6 * 3600;
    private static final long WINDOW = 30 * 60;
    private static final int FROM_NEW = 2;
    private static final int FROM_KNOWN = 4;

    @Override
    public String name() {
        return "model_enumeration";
    }

    @Override
    public Optional<Sign> judge(Activity act, Profile profile) {
        if (!act.inference() || profile.age(act) < SETTLED) {
            return Optional.empty();
        }
        int model = act.model().hashCode();
        if (act.model().isEmpty() || profile.models.has(model)) {
            return Optional.empty();
        }
        long second = act.when().getEpochSecond();
        long from = second - WINDOW;
        int tried = profile.models.freshSince(from) + 1;
        boolean network = isNew(profile.networks, act.network(), from);
        boolean client = isNew(profile.clients, act.client(), from);
        if (tried < (network && client ? FROM_NEW : FROM_KNOWN)) {
            return Optional.empty();
        }
        long since = Math.min(profile.models.earliestSince(from), second);
        return Optional.of(
                new Sign(
                        "high",
                        since * 1000,
                        tried / (double) (network && client ? FROM_NEW : FROM_KNOWN),
                        "%d models within %dmin that it never used%s%s"
                                .formatted(
                                        tried,
                                        WINDOW / 60,
                                        network ? ", from a new network" : "",
                                        client ? ", with a new client" : ""),
                        profile.evidence()));
    }

    private static boolean isNew(Known known, String value, long from) {
        int hash = value.hashCode();
        return !value.isEmpty() && (!known.has(hash) || known.fresh(hash, from));
    }
}

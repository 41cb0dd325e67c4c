package atlas.watch.behaviour;

import java.util.Optional;

/**
 * Embeddings asked for by the hundred by somebody who hardly asks for any: a copy is being made.
 */
final class HarvestRule implements Rule {
    private static final long SETTLED = 6 * 3600;
    private static final int FEWEST = 40;
    private static final double RATIO = 6;

    @Override
    public String name() {
        return "embed_scrape";
    }

    @Override
    public boolean learned() {
        return true;
    }

    @Override
    public Optional<Sign> judge(Activity act, Profile profile) {
        Rhythm asked = profile.embeddingsOrNull();
        if (asked == null || !act.operation().equals("embeddings") || profile.age(act) < SETTLED) {
            return Optional.empty();
        }
        int sum = asked.recent(0) + asked.recent(1) + 1;
        double usual = 2 * asked.expected();
        if (sum < FEWEST || sum < RATIO * usual) {
            return Optional.empty();
        }
        asked.abnormal();
        long since = asked.recent(1) > 0 ? asked.second() - Rhythm.BUCKET : asked.second();
        return Optional.of(
                new Sign(
                        "high",
                        since * 1000,
                        sum / Math.max(FEWEST, RATIO * usual),
                        "%d embeddings within ten minutes; usual is up to %.0f"
                                .formatted(sum, Math.ceil(usual)),
                        profile.evidence()));
    }
}

package atlas.watch.behaviour;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One prompt that the guard calls an injection, sent by several principals: a campaign that stays
 * below what any one of them would show.
 */
final class CampaignRule implements Rule {
    private static final long WINDOW = 6 * 3600_000L;
    private static final int PRINCIPALS = 2;
    private static final int TIMES = 3;
    private static final int INJECTED = 2;

    private final Map<Long, Wave> waves;

    CampaignRule(int prompts) {
        this.waves = new Bounded<>(prompts);
    }

    private static final class Wave {
        final long first;
        final List<Integer> principals = new ArrayList<>(PRINCIPALS);
        final List<Long> evidence = new ArrayList<>(4);
        int times;
        int injected;

        Wave(long first) {
            this.first = first;
        }
    }

    @Override
    public String name() {
        return "injection_campaign";
    }

    @Override
    public Optional<Sign> judge(Activity act, Profile profile) {
        if (act.prompt() == 0) {
            return Optional.empty();
        }
        Wave wave = waves.get(act.prompt());
        if (wave == null || wave.first < act.millis() - WINDOW) {
            if (!act.injected()) {
                return Optional.empty();
            }
            wave = new Wave(act.millis());
            waves.put(act.prompt(), wave);
        }
        wave.times++;
        wave.injected += act.injected() ? 1 : 0;
        int who = profile.principal.hashCode();
        if (!wave.principals.contains(who) && wave.principals.size() < 16) {
            wave.principals.add(who);
        }
        if (wave.evidence.size() < 16) {
            wave.evidence.add(act.index());
        }
        if (wave.principals.size() < PRINCIPALS || wave.times < TIMES || wave.injected < INJECTED) {
            return Optional.empty();
        }
        return Optional.of(
                new Sign(
                        "high",
                        wave.first,
                        wave.times / (double) TIMES,
                        "the same prompt from %d principals, %d times, %d of them called an injection"
                                .formatted(wave.principals.size(), wave.times, wave.injected),
                        wave.evidence));
    }
}

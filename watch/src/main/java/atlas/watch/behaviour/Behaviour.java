package atlas.watch.behaviour;

import atlas.core.Principal;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Follows what each principal does and says what does not look like it.
 *
 * <p>Takes acts in the order of time. A rule and principal that spoke stay quiet until they have
 * been quiet for a while. Not thread-safe; constant time per act; memory bounded by the number of
 * principals remembered, the least recently seen being forgotten.
 */
public final class Behaviour {
    private static final long QUIET = 4 * 3600_000L;
    private static final long QUIET_RHYTHM = 24 * 3600_000L;
    private static final int MOST_DOUBLINGS = 3;
    private static final int PROMPTS = 20_000;

    private static final long HELD = 10 * 60_000L;
    private static final long NEARBY = 45 * 60_000L;
    private static final int TOGETHER = 3;

    private final Map<String, Followed> principals;
    private final Map<String, Cohort> cohorts;
    private final List<Rule> rules;
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private final ArrayDeque<Finding> lately = new ArrayDeque<>();
    private long shifts;

    public Behaviour(int principals, Places places) {
        this.principals = new Bounded<>(principals);
        this.cohorts = new Bounded<>(256);
        this.rules =
                List.of(
                        new DenialRule(),
                        new NewcomerRule(),
                        new SharingRule(),
                        new TravelRule(places),
                        new CampaignRule(PROMPTS),
                        SizeRule.answers(),
                        SizeRule.prompts(),
                        new VolumeRule(),
                        new OffHoursRule(),
                        new HarvestRule(),
                        new ExtractionRule(),
                        new DormantKeyRule(),
                        new AdminHoursRule());
    }

    /** A profile and, by rule, when it last spoke; most principals are never spoken of. */
    private static final class Followed {
        final Profile profile;
        private long @Nullable [] spoke;
        private byte @Nullable [] patience;

        Followed(String principal) {
            profile = new Profile(principal);
        }

        void tolerate(int rule, int rules) {
            byte[] doublings = patience == null ? new byte[rules] : patience;
            doublings[rule] = (byte) Math.min(MOST_DOUBLINGS, doublings[rule] + 1);
            patience = doublings;
        }

        /** The score below which a rule, by its place, is not heard. */
        double limit(int rule) {
            byte[] doublings = patience;
            return doublings == null ? 0 : (1 << doublings[rule]) - (doublings[rule] == 0 ? 1 : 0);
        }

        /** Whether a rule, by its place, may speak now; if it may not, its silence begins anew. */
        boolean speaks(int rule, int rules, long now, long quiet) {
            long[] times = spoke;
            if (times == null) {
                times = new long[rules];
                Arrays.fill(times, Long.MIN_VALUE / 2);
                spoke = times;
            }
            long before = times[rule];
            times[rule] = now;
            return before < now - quiet;
        }
    }

    /**
     * A rule was wrong about a principal: from now on it has to see twice as much of it, up to
     * eight times. A rule that is not ours is passed over.
     */
    public void tolerate(String rule, String tenant, String principal) {
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).name().equals(rule)) {
                principals
                        .computeIfAbsent(name(tenant, principal), Followed::new)
                        .tolerate(i, rules.size());
            }
        }
    }

    /** A finding that waits whether others move at the same time. */
    private static final class Held {
        final Finding finding;
        final long until;
        boolean together;

        Held(Finding finding, long until) {
            this.finding = finding;
            this.until = until;
        }
    }

    /** Takes in one act; what it amounts to, nothing almost always. */
    public List<Finding> observe(Activity act) {
        Followed followed =
                principals.computeIfAbsent(name(act.tenant(), act.principal()), Followed::new);
        Cohort cohort = cohorts.computeIfAbsent(act.tenant(), _ -> new Cohort());
        Profile profile = followed.profile;
        profile.turnTo(act);
        cohort.turnTo(act);
        List<Finding> found = release(act.when());
        boolean abnormal = false;
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            Optional<Sign> sign = rule.judge(act, profile);
            if (sign.isEmpty() || (rule.rhythmic() && excused(cohort, profile, sign.get()))) {
                continue;
            }
            abnormal = true;
            if (sign.get().score() < followed.limit(i)) {
                continue;
            }
            if (!followed.speaks(i, rules.size(), act.millis(), quiet(rule))) {
                continue;
            }
            Finding finding = finding(rule, sign.get(), act);
            if (rule.rhythmic()) {
                hold(finding, act.millis() + HELD);
            } else {
                found = found.isEmpty() ? new ArrayList<>(1) : found;
                found.add(finding);
            }
        }
        profile.learn(act, abnormal);
        cohort.learn(act);
        return found;
    }

    /** What is still held, when no more acts come. */
    public List<Finding> drain(Instant now) {
        return release(now.plusMillis(HELD));
    }

    /** How many principals are remembered. */
    public int followed() {
        return principals.size();
    }

    /** How many findings were dropped because the whole tenant moved at once. */
    public long shifts() {
        return shifts;
    }

    // Names are unique within a tenant only.
    private static String name(String tenant, String principal) {
        return tenant.equals(Principal.DEFAULT_TENANT) ? principal : tenant + "\n" + principal;
    }

    private static long quiet(Rule rule) {
        return rule.rhythmic() ? QUIET_RHYTHM : QUIET;
    }

    private static boolean excused(Cohort cohort, Profile profile, Sign sign) {
        return cohort.others(profile.rhythm) > 1.3 && sign.score() < 2.5;
    }

    // Several at once are no intruder but a new timetable, a holiday, a release.
    private void hold(Finding finding, long until) {
        Instant from = finding.last().minusMillis(NEARBY);
        lately.removeIf(other -> other.last().isBefore(from));
        lately.add(finding);
        held.add(new Held(finding, until));
        long moving =
                lately.stream()
                        .filter(other -> alike(other, finding))
                        .map(Finding::principal)
                        .distinct()
                        .count();
        if (moving >= TOGETHER) {
            for (Held other : held) {
                other.together |= alike(other.finding, finding);
            }
        }
    }

    private static boolean alike(Finding one, Finding other) {
        return one.rule().equals(other.rule()) && one.tenant().equals(other.tenant());
    }

    private List<Finding> release(Instant now) {
        List<Finding> found = List.of();
        while (!held.isEmpty() && held.getFirst().until <= now.toEpochMilli()) {
            Held first = held.removeFirst();
            if (first.together) {
                shifts++;
            } else {
                found = found.isEmpty() ? new ArrayList<>(1) : found;
                found.add(first.finding.decidedAt(Instant.ofEpochMilli(first.until)));
            }
        }
        return found;
    }

    private static Finding finding(Rule rule, Sign sign, Activity act) {
        return new Finding(
                rule.name(),
                sign.severity(),
                "principal " + act.principal(),
                act.principal(),
                act.tenant(),
                Instant.ofEpochMilli(Math.min(sign.since(), act.millis())),
                act.when(),
                sign.score(),
                sign.explanation(),
                sign.evidence());
    }
}

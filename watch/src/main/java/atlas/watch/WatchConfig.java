package atlas.watch;

import java.time.Duration;

/**
 * What counts as abnormal. Every limit is per subject; memory is bounded by {@code subjects}.
 *
 * @param subjects how many subjects each rule remembers; the least recently seen is forgotten
 * @param keptAlerts how many alerts are kept to be listed
 * @param cooldown how long a rule and subject must have been quiet before a repeat is a new alert
 */
public record WatchConfig(
        int subjects,
        int keptAlerts,
        Duration cooldown,
        DeniedBurst deniedBurst,
        KeySharing keySharing,
        TokenSpike tokenSpike) {

    /**
     * Many refusals in a short time.
     *
     * @param refusals so many from one source, or of one principal
     * @param window within so long
     * @param flood so many refusals counted in one summary of those not journaled one by one
     */
    public record DeniedBurst(int refusals, Duration window, long flood) {
        public DeniedBurst {
            require(refusals >= 2 && refusals <= 1000, "refusals is 2 to 1000");
            require(!window.isNegative() && !window.isZero(), "window is positive");
            require(flood >= 1, "flood is positive");
        }
    }

    /**
     * One key used from many places.
     *
     * @param networks so many distinct networks (IPv4 /24, IPv6 /48)
     * @param window within so long
     */
    public record KeySharing(int networks, Duration window) {
        public KeySharing {
            require(networks >= 2 && networks <= 64, "networks is 2 to 64");
            require(!window.isNegative() && !window.isZero(), "window is positive");
        }
    }

    /**
     * Far more tokens in a minute than this principal's minutes usually have.
     *
     * @param warmUpMinutes active minutes before the rule says anything about a principal
     * @param deviations how many typical deviations, on a logarithmic scale, above the usual
     * @param floor tokens in a minute below which nothing is abnormal
     */
    public record TokenSpike(int warmUpMinutes, double deviations, long floor) {
        public TokenSpike {
            require(warmUpMinutes >= 1, "warm-up-minutes is positive");
            require(deviations > 0, "deviations is positive");
            require(floor >= 0, "floor is not negative");
        }
    }

    public WatchConfig {
        require(subjects >= 16, "subjects is at least 16");
        require(keptAlerts >= 16, "kept-alerts is at least 16");
        require(!cooldown.isNegative(), "cooldown is not negative");
    }

    /** Thresholds that stayed quiet on calm traffic and found the planted attacks in the tests. */
    public static WatchConfig defaults() {
        return new WatchConfig(
                10_000,
                1_000,
                Duration.ofMinutes(15),
                new DeniedBurst(20, Duration.ofMinutes(1), 200),
                new KeySharing(4, Duration.ofMinutes(10)),
                new TokenSpike(30, 6, 20_000));
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException("watch: " + what);
        }
    }
}

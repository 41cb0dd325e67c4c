package atlas.watch.behaviour;

/** At which hours of the day something happens. Not thread-safe. */
final class Hours {
    private final short[] counts = new short[24];
    private int total;

    void see(long second) {
        int hour = hour(second);
        if (counts[hour] < Short.MAX_VALUE) {
            counts[hour]++;
            total++;
        }
    }

    /** How often it happened at this hour, the one before and the one after. */
    int near(long second) {
        int hour = hour(second);
        return counts[hour] + counts[(hour + 1) % 24] + counts[(hour + 23) % 24];
    }

    int total() {
        return total;
    }

    private static int hour(long second) {
        return (int) Math.floorMod(Math.floorDiv(second, 3600), 24L);
    }
}

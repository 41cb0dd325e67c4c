package atlas.watch.behaviour;

import java.util.Map;

/** Where places are, and how long anybody takes from one to another. */
public final class Places {
    private static final double KILOMETRES_PER_HOUR = 1000;
    // From so many hours on a journey can have led anywhere.
    private static final double ANYWHERE = 10;
    private static final double EARTH = 6371;

    private final Map<String, Spot> spots;

    public Places(Map<String, Spot> spots) {
        this.spots = Map.copyOf(spots);
    }

    /**
     * A place.
     *
     * @param radius how far in kilometres somebody there may be from its middle
     */
    public record Spot(double latitude, double longitude, double radius) {}

    /** The least hours from one place to another; none where one of them is not known. */
    double hours(String from, String to) {
        Spot one = spots.get(from);
        Spot other = spots.get(to);
        if (one == null || other == null) {
            return 0;
        }
        double way = distance(one, other) - (one.radius() + other.radius()) / 2;
        return Math.clamp(way / KILOMETRES_PER_HOUR, 0, ANYWHERE);
    }

    private static double distance(Spot one, Spot other) {
        double lat1 = Math.toRadians(one.latitude());
        double lat2 = Math.toRadians(other.latitude());
        double dLat = lat2 - lat1;
        double dLon = Math.toRadians(other.longitude() - one.longitude());
        double a =
                Math.pow(Math.sin(dLat / 2), 2)
                        + Math.cos(lat1) * Math.cos(lat2) * Math.pow(Math.sin(dLon / 2), 2);
        return 2 * EARTH * Math.asin(Math.sqrt(Math.min(1, a)));
    }

    /** Countries by their two letters. */
    public static Places countries() {
        return Countries.places();
    }
}

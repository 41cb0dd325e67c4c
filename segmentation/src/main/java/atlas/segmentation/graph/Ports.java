package atlas.segmentation.graph;

/** A run of destination ports, both ends included. */
public record Ports(int first, int last) implements Comparable<Ports> {
    /** The last port there is. */
    public static final int MAX = 65_535;

    public Ports {
        if (first < 1 || last > MAX || first > last) {
            throw new IllegalArgumentException("ports lie between 1 and 65535, the lower first");
        }
    }

    public static Ports of(int port) {
        return new Ports(port, port);
    }

    public boolean contains(int port) {
        return first <= port && port <= last;
    }

    public boolean contains(Ports other) {
        return first <= other.first && other.last <= last;
    }

    public boolean overlaps(Ports other) {
        return first <= other.last && other.first <= last;
    }

    public boolean single() {
        return first == last;
    }

    @Override
    public int compareTo(Ports other) {
        int byFirst = Integer.compare(first, other.first);
        return byFirst != 0 ? byFirst : Integer.compare(last, other.last);
    }

    /** {@code 443} or {@code 8000-8010}. */
    @Override
    public String toString() {
        return single() ? Integer.toString(first) : first + "-" + last;
    }
}

package atlas.segmentation.target;

import atlas.segmentation.graph.Ports;
import atlas.segmentation.graph.Transport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A set of what connections can be made of: TCP and UDP ports, and what has none. Immutable; sorted
 * runs in one number line, so that sets of a few runs stay small.
 */
public final class Carried {
    private static final int SPAN = 1 << 16;
    private static final int ND = 2 * SPAN;
    private static final int ICMP = ND + 1;
    private static final int OTHER = ND + 2;

    public static final Carried NOTHING = new Carried(new int[0]);
    public static final Carried EVERYTHING = new Carried(new int[] {0, OTHER});

    /** ICMPv6 messages without which no IPv6 address is found on a link. */
    public static final Carried NEIGHBOUR_DISCOVERY = new Carried(new int[] {ND, ND});

    /** ICMP of both families, neighbour discovery included. */
    public static final Carried ANY_ICMP = new Carried(new int[] {ND, ICMP});

    // First and last of each run, runs neither overlap nor touch.
    private final int[] runs;

    private Carried(int[] runs) {
        this.runs = runs;
    }

    public static Carried of(Transport transport) {
        int base = transport == Transport.TCP ? 0 : SPAN;
        return new Carried(new int[] {base, base + SPAN - 1});
    }

    public static Carried of(Transport transport, Ports ports) {
        int base = transport == Transport.TCP ? 0 : SPAN;
        return new Carried(new int[] {base + ports.first(), base + ports.last()});
    }

    public boolean isEmpty() {
        return runs.length == 0;
    }

    public Carried and(Carried other) {
        if (equals(EVERYTHING)) {
            return other;
        }
        if (other.equals(EVERYTHING) || isEmpty()) {
            return this;
        }
        int[] out = new int[runs.length + other.runs.length];
        int n = 0;
        int i = 0;
        int j = 0;
        while (i < runs.length && j < other.runs.length) {
            int first = Math.max(runs[i], other.runs[j]);
            int last = Math.min(runs[i + 1], other.runs[j + 1]);
            if (first <= last) {
                out[n++] = first;
                out[n++] = last;
            }
            if (runs[i + 1] < other.runs[j + 1]) {
                i += 2;
            } else {
                j += 2;
            }
        }
        return n == 0 ? NOTHING : new Carried(Arrays.copyOf(out, n));
    }

    public Carried without(Carried other) {
        if (isEmpty() || other.isEmpty()) {
            return this;
        }
        int[] out = new int[runs.length + other.runs.length + 2];
        int n = 0;
        int j = 0;
        for (int i = 0; i < runs.length; i += 2) {
            int first = runs[i];
            int last = runs[i + 1];
            while (j < other.runs.length && other.runs[j + 1] < first) {
                j += 2;
            }
            for (int k = j; k < other.runs.length && other.runs[k] <= last; k += 2) {
                if (other.runs[k] > first) {
                    out[n++] = first;
                    out[n++] = other.runs[k] - 1;
                }
                first = Math.max(first, other.runs[k + 1] + 1);
            }
            if (first <= last) {
                out[n++] = first;
                out[n++] = last;
            }
        }
        return n == 0 ? NOTHING : new Carried(Arrays.copyOf(out, n));
    }

    public Carried or(Carried other) {
        if (isEmpty() || other.isEmpty()) {
            return isEmpty() ? other : this;
        }
        List<int[]> all = new ArrayList<>();
        for (Carried one : List.of(this, other)) {
            for (int i = 0; i < one.runs.length; i += 2) {
                all.add(new int[] {one.runs[i], one.runs[i + 1]});
            }
        }
        all.sort((a, b) -> Integer.compare(a[0], b[0]));
        int[] out = new int[2 * all.size()];
        int n = 0;
        for (int[] run : all) {
            if (n > 0 && run[0] <= out[n - 1] + 1) {
                out[n - 1] = Math.max(out[n - 1], run[1]);
            } else {
                out[n++] = run[0];
                out[n++] = run[1];
            }
        }
        return new Carried(Arrays.copyOf(out, n));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Carried that && Arrays.equals(runs, that.runs);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(runs);
    }

    /** {@code tcp/443, udp/53}. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        for (Transport transport : Transport.values()) {
            Carried of = and(of(transport));
            int base = transport == Transport.TCP ? 0 : SPAN;
            for (int i = 0; i < of.runs.length; i += 2) {
                int first = of.runs[i] - base;
                int last = of.runs[i + 1] - base;
                parts.add(
                        transport.lower()
                                + (first <= 1 && last == Ports.MAX
                                        ? ""
                                        : "/" + (first == last ? first : first + "-" + last)));
            }
        }
        if (!and(ANY_ICMP).isEmpty()) {
            parts.add("icmp");
        }
        if (!and(new Carried(new int[] {OTHER, OTHER})).isEmpty()) {
            parts.add("other protocols");
        }
        return String.join(", ", parts);
    }
}

package atlas.segmentation.target;

import atlas.segmentation.graph.Family;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All addresses of a family, grouped by which of the given ranges they lie in. Nothing that knows
 * addresses by these ranges alone can tell two of a class apart, so one stands for all.
 */
public final class AddressClasses {
    private final Family family;
    private final Map<Range, BitSet> covered = new HashMap<>();
    private final List<BigInteger> representatives = new ArrayList<>();

    public AddressClasses(Family family, Collection<Range> ranges) {
        this.family = family;
        List<Range> distinct =
                new ArrayList<>(
                        new LinkedHashSet<>(
                                ranges.stream().filter(r -> r.family() == family).toList()));
        TreeMap<BigInteger, List<Integer>> starts = new TreeMap<>();
        TreeMap<BigInteger, List<Integer>> ends = new TreeMap<>();
        TreeSet<BigInteger> bounds = new TreeSet<>();
        bounds.add(BigInteger.ZERO);
        for (int i = 0; i < distinct.size(); i++) {
            Range range = distinct.get(i);
            BigInteger after = range.last().add(BigInteger.ONE);
            starts.computeIfAbsent(range.first(), at -> new ArrayList<>()).add(i);
            ends.computeIfAbsent(after, at -> new ArrayList<>()).add(i);
            bounds.add(range.first());
            if (after.bitLength() <= family.bits()) {
                bounds.add(after);
            }
            covered.put(range, new BitSet());
        }
        Map<List<Integer>, Integer> classes = new HashMap<>();
        TreeSet<Integer> active = new TreeSet<>();
        for (BigInteger at : bounds) {
            active.addAll(starts.getOrDefault(at, List.of()));
            ends.getOrDefault(at, List.of()).forEach(active::remove);
            List<Integer> in = List.copyOf(active);
            int known = classes.computeIfAbsent(in, key -> classes.size());
            if (known == representatives.size()) {
                representatives.add(at);
            }
            in.forEach(i -> in(distinct.get(i)).set(known));
        }
    }

    public int count() {
        return representatives.size();
    }

    /** The classes whose addresses lie in the range, which is one of those given. */
    public BitSet in(Range range) {
        return covered.getOrDefault(range, new BitSet());
    }

    /** An address of the class. */
    public String example(int of) {
        byte[] bytes = new byte[family.bits() / 8];
        byte[] number = representatives.get(of).toByteArray();
        for (int i = 0; i < bytes.length && i < number.length; i++) {
            bytes[bytes.length - 1 - i] = number[number.length - 1 - i];
        }
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}

package atlas.segmentation.graph;

import atlas.core.Cidr;
import java.math.BigInteger;

/** A block of addresses with its bounds as numbers. */
public record Block(Family family, BigInteger first, BigInteger last, Cidr cidr)
        implements Comparable<Block> {
    public static Block of(Cidr cidr) {
        byte[] network = cidr.network();
        Family family = network.length == 4 ? Family.IPV4 : Family.IPV6;
        BigInteger first = new BigInteger(1, network);
        BigInteger size = BigInteger.ONE.shiftLeft(family.bits() - cidr.prefix());
        return new Block(family, first, first.add(size).subtract(BigInteger.ONE), cidr);
    }

    public boolean overlaps(Block other) {
        return family == other.family
                && first.compareTo(other.last) <= 0
                && other.first.compareTo(last) <= 0;
    }

    @Override
    public int compareTo(Block other) {
        int byFamily = family.compareTo(other.family);
        return byFamily != 0 ? byFamily : first.compareTo(other.first);
    }

    @Override
    public String toString() {
        return cidr.toString();
    }
}

package atlas.segmentation.target;

import atlas.segmentation.graph.Block;
import atlas.segmentation.graph.Family;
import java.math.BigInteger;

/** Addresses from a first to a last. */
public record Range(Family family, BigInteger first, BigInteger last) {
    public static Range of(Block block) {
        return new Range(block.family(), block.first(), block.last());
    }
}

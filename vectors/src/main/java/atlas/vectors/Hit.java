package atlas.vectors;

/**
 * An item that is near.
 *
 * @param similarity the cosine of the angle between it and what was asked: 1 is the same direction
 */
public record Hit(VectorItem item, double similarity) {}

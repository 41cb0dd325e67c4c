package atlas.guard.signature;

/** A family found between two indices of a view. */
public record Hit(Family family, int start, int end) {}

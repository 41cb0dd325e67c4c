package atlas.guard.measure;

/** A row and the score something gave it; higher is more suspicious. */
public record Measured(Row row, double score) {}

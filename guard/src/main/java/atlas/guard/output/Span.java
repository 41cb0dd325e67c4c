package atlas.guard.output;

/** Something to take out of a unit: from {@code start} to before {@code end}. */
record Span(String type, String rule, int start, int end) {}

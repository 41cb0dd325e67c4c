package atlas.watch.behaviour;

import java.util.List;

/**
 * What a rule says about one act.
 *
 * @param since the time of the first act that belongs to it, in milliseconds since 1970
 * @param score how far beyond its limit, 1 being the limit itself
 */
record Sign(String severity, long since, double score, String explanation, List<Long> evidence) {}

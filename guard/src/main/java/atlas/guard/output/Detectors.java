package atlas.guard.output;

/** All detectors, in the order in which they may claim a stretch of text. */
final class Detectors {
    private Detectors() {}

    static void run(Unit unit) {
        Vendors.find(unit);
        Tokens.find(unit);
        Addresses.find(unit);
        Numbers.find(unit);
        Assignments.find(unit);
    }
}

package atlas.gateway;

import java.util.Locale;

/** The steps of a journey, in order; a refusal is recorded with the step that said no. */
enum Step {
    AUTHENTICATE,
    READ,
    DECIDE,
    ADMIT,
    AFFORD,
    INSPECT,
    RECORD,
    FORWARD,
    DELIVER;

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

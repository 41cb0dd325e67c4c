package atlas.control.api;

import atlas.core.Principal;
import java.util.function.BooleanSupplier;

/**
 * Who is calling, and whether that still holds later, for answers that take their time.
 *
 * @param holds asked again and again while such an answer goes on; never blocks for long
 */
record Caller(Principal principal, BooleanSupplier holds) {}

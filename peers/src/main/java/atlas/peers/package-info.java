/** Whom the tests of several modules meet, and what they look with; ships with nothing. */
@NullMarked
package atlas.peers;

import org.jspecify.annotations.NullMarked;

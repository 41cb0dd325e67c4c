/**
 * The output filter's insides. Text is cut into units as it arrives, character by character, and
 * each unit is judged once it is complete, so how a stream is split cannot change what comes out.
 */
package atlas.guard.output;

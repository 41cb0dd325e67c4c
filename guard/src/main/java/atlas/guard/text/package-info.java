/**
 * Canonical text: what a reader or a model would see, whatever trick of writing hides it. Every
 * view keeps the way back to the original UTF-16 offsets. Work is linear and bounded.
 */
package atlas.guard.text;

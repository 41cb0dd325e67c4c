/**
 * Trains the classifier: one command, one thread, one seed, the same file every time. Only sources
 * whose licence allows it go into the model that ships. Not part of the guard's door.
 */
package atlas.guard.train;

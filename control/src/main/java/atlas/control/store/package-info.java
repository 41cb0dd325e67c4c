/**
 * The embedded control store: one SQLite file whose columns about people and secrets are sealed.
 *
 * <p>Door: {@link atlas.control.store.ControlStore}. Never happens here: a principal, a note, a
 * role or a key hash on disk in the clear; a read of the file on the path of a request.
 */
package atlas.control.store;

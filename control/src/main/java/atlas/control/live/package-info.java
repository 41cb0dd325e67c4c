/**
 * Live activity: what the journal has just recorded, told to whoever is watching.
 *
 * <p>Never happens here: a prompt or an answer leaving with an event, a slow watcher holding up the
 * journal or another watcher.
 */
package atlas.control.live;

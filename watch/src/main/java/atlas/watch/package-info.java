/** What looks wrong in what was recorded. */
package atlas.watch;

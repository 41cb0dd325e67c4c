/** What is said, in and out. */
package atlas.guard;

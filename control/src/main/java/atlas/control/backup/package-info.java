/** What of a home goes into a backup, in which order, and when. */
package atlas.control.backup;

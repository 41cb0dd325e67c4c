/** Evidence nobody can quietly change. */
package atlas.journal;

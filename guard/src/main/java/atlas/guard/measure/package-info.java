/** How good the guard is on labelled texts: rows, the figures made of them, and their tables. */
package atlas.guard.measure;

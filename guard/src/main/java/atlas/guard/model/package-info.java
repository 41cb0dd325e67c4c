/**
 * The linear classifier: hashed character and word n-grams, signatures and tricks of writing, in
 * windows over every view of a text, with one head for speakers and one for what they bring along.
 */
package atlas.guard.model;

/**
 * Hand-written signatures: families of phrases and of words that stand close together, found in one
 * pass by an automaton of our own. The list itself is the resource {@code signatures.txt}.
 */
package atlas.guard.signature;

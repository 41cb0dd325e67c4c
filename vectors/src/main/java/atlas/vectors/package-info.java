/**
 * Vector stores: texts and their embeddings, sealed on the disk under a key for each store, in
 * memory while they are used, and searched for what is near. Knows nothing of HTTP and nothing of
 * who may do what; it keeps who owns a store and who put in which item, so that others can decide
 * and erase.
 */
package atlas.vectors;

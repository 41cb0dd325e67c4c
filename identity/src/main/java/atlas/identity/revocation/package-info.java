/**
 * What was taken back: tokens, principals, keys and grants, each since a moment and under a number
 * that only grows.
 *
 * <p>Never here: looking anything up in a store while a request waits, forgetting a revocation that
 * something alive could still meet.
 */
package atlas.identity.revocation;

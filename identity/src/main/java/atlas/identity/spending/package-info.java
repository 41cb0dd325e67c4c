/**
 * How much credentials have used of what they may use: requests in a while, tokens in a period.
 *
 * <p>Never here: deciding what may be used by whom, and letting anything pass that could not be
 * counted.
 */
package atlas.identity.spending;

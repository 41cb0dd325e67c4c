/**
 * The administration API: one table of routes, one journey every call takes.
 *
 * <p>Door: {@link atlas.control.api.RouteTable} and {@link atlas.control.api.AdminJourney}. Never
 * happens here: an answer without a credential, a call policy was not asked about, an act that
 * takes effect before it is recorded.
 */
package atlas.control.api;

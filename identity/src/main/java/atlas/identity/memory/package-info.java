/** What is remembered of credentials that were checked, within bounds. */
package atlas.identity.memory;

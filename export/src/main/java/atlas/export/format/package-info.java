/**
 * Journal entries in the words of other systems: JSON Lines, OCSF 1.8, CEF, and RFC 5424 around
 * them. Door: {@link atlas.export.format.ExportFormat}. Pure: text in, text out.
 */
package atlas.export.format;

/**
 * Reading JSON objects strictly, with {@link atlas.node.json.JsonTree}. Nothing here knows HTTP.
 */
package atlas.node.json;

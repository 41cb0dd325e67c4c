/** One strict reading of JSON for everything this room parses. */
package atlas.registry.json;

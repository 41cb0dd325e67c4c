/** Strict JSON, read and written the same way everywhere. */
package atlas.core.json;

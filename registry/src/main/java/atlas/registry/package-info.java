/** Which models exist, who vouched for them, and may they serve. */
package atlas.registry;

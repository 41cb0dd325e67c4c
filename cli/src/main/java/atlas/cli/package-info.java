/** The atlas command. */
package atlas.cli;

/** How the control plane and those who follow it write things down for each other. */
package atlas.control.wire;

/**
 * The words everybody uses. Values and facts only: nothing here opens a file or a socket, and
 * nothing here decides. A type earns its place by having two users in different rooms.
 */
package atlas.core;

/**
 * How a gateway or a node becomes one of ours: invited by an administrator, admitted once by the
 * token of that invitation, known by its certificate from then on.
 *
 * <p>Never happens here: a private key leaving the machine it was made on; a token that works
 * twice.
 */
package atlas.control.enrol;

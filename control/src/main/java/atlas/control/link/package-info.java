/**
 * What gateways and nodes learn from the control plane when they are processes of their own: both
 * ends of the wire, over mutual TLS.
 *
 * <p>Never happens here: an answer to a workload that is not enrolled; a key in a file; "no such
 * key" where the truth is "I cannot tell".
 */
package atlas.control.link;

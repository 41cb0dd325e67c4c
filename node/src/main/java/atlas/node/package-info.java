/**
 * Runs models. A node serves only what the registry opened for it: verified, decrypted into memory
 * and nowhere else. Door: {@link atlas.node.NodeProcess}, with its configuration and parts. It
 * answers the gateway and the control plane, known by their certificates, and nobody else; it makes
 * no policy decision of its own.
 */
package atlas.node;

/**
 * Tries connections for real. Sends a connection request or one datagram to each address, and
 * nothing that a service would act on.
 */
package atlas.segmentation.probe;

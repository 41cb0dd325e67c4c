/**
 * Keyless signatures and logged ones, in the bundle format of Sigstore, checked offline against a
 * trusted root that the caller names: certificate, its transparency log, the log entry, times.
 * Evidence that is present is always checked, and what cannot be checked is refused.
 */
package atlas.registry.sigstore;

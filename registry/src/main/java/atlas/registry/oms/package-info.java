/**
 * OpenSSF Model Signing v1.0, key and certificate modes, on the JDK alone; stricter than the
 * reference. Nothing here trusts what a bundle says about itself, follows a link, or accepts a file
 * the manifest does not name.
 */
package atlas.registry.oms;

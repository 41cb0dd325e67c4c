/**
 * What first start makes and every start reuses: the home directory, sealed keys, certificates,
 * bootstrap credentials.
 *
 * <p>Never happens here: a private key in a file in the clear, a half-written file under its final
 * name, a missing piece quietly made anew once the installation is established.
 */
package atlas.control.trust;

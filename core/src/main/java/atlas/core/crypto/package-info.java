/**
 * Crypto primitives used by more than one room, over the JDK's providers. No keys are kept here.
 */
package atlas.core.crypto;

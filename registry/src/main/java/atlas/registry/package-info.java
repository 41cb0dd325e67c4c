/**
 * Which models exist, who vouched for them, and may they serve.
 *
 * <p>The door: {@link atlas.registry.ModelRegistry}. What never happens here: plaintext in a file,
 * a change that is not in the journal first, a byte handed out that was not compared with what a
 * trusted signer signed. The standard followed is OpenSSF Model Signing v1.0.
 */
package atlas.registry;

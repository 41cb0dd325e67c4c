/**
 * What is said, in and out. {@link atlas.guard.PromptGuard} judges what goes to a model, {@link
 * atlas.guard.OutputFilter} redacts what comes back, also while it streams.
 *
 * <p>Nothing here touches the network, logs a text or keeps one after the call. What was not looked
 * at is reported as not looked at. The guard lowers risk; it does not prove that a text is
 * harmless.
 */
package atlas.guard;

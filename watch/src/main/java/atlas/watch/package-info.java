/**
 * What looks wrong in what was recorded.
 *
 * <p>The door is {@link atlas.watch.Watch}, which observes the journal's facts and raises {@link
 * atlas.watch.Alert}s, and {@link atlas.watch.Metrics}, the numbers in OpenMetrics form.
 *
 * <p>Never here: a decision about a request, prompt or answer text, a metric label that names a
 * principal, state that grows with the number of callers.
 */
package atlas.watch;

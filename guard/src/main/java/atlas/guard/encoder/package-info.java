/**
 * The second classifier: a small convolutional encoder over words and their letters, run in process
 * by its own kernels.
 */
package atlas.guard.encoder;

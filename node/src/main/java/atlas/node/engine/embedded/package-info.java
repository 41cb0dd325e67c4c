/**
 * The embedded engine: GGUF files of the llama family, run by plain Java on the weights where they
 * lie. Door: {@link atlas.node.engine.embedded.EmbeddedEngine}. Never here: native code, files,
 * sockets, templates taken from a model file.
 */
package atlas.node.engine.embedded;

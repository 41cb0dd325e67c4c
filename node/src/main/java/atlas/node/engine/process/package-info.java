/**
 * The process engine: {@code llama-server} as a child that has the weights on its standard input
 * and nothing else: no network, no privileges, no file of ours. For models that are too large for
 * the embedded engine. Door: {@link atlas.node.engine.process.ProcessEngine}.
 */
package atlas.node.engine.process;

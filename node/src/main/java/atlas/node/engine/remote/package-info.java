/**
 * Engines that are reached over HTTP in the OpenAI dialect: somebody else's ({@link
 * atlas.node.engine.remote.RemoteEngine}), or a child process of ours. What they answer is data and
 * is bounded; which weights a stranger runs cannot be proven and is labelled so.
 */
package atlas.node.engine.remote;

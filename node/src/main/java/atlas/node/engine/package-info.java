/**
 * What Atlas asks of an inference engine, whichever it is. Door: {@link
 * atlas.node.engine.EngineProvider}, which opens weights into an {@link
 * atlas.node.engine.InferenceEngine}. Nothing here knows HTTP, the registry or any one engine, and
 * no engine ever sees weights that were not verified first.
 */
package atlas.node.engine;

/**
 * The OpenAI dialect as a node speaks it: requests read strictly, answers and event streams
 * written. Door: {@link atlas.node.dialect.Dialect}. Never here: deciding who may ask, or which
 * model answers. What this node cannot honour is refused, never ignored.
 */
package atlas.node.dialect;

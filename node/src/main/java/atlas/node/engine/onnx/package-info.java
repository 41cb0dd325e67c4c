/**
 * Embeddings by ONNX Runtime, for encoder models that the embedded engine does not run. Off unless
 * configured: it is the one place where native inference code runs inside this process. Door:
 * {@link atlas.node.engine.onnx.OnnxEmbedder}.
 */
package atlas.node.engine.onnx;

package atlas.node.engine;

/** The forms of model files that engines read. */
public enum WeightFormat {
    /** GGUF version 3. */
    GGUF,
    /** An ONNX graph with its weights inside. */
    ONNX,
    /** None: the model lives in an engine that Atlas did not start. */
    REMOTE
}

package atlas.node.trainer;

import java.util.List;

/** Small untrained models with random weights, for tests of everything but their wit. */
public final class TinyModel {
    private static final List<String> TEXT =
            List.of("the cat sat on the mat and the dog sat on the log, and that was that.");

    private TinyModel() {}

    /** A model file of a few thousand weights. */
    public static byte[] gguf(long seed, boolean meanPooling) {
        Bpe bpe = Bpe.learn(TEXT, 288);
        Shape shape = new Shape(288, 32, 2, 2, 1, 32, 64, 16, 16);
        return ModelFile.bytes("tiny", new Transformer(shape, seed), bpe, meanPooling);
    }
}

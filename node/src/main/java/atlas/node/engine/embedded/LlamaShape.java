package atlas.node.engine.embedded;

/** The sizes of a llama-family network, checked against each other. */
record LlamaShape(
        int vocabulary,
        int width,
        int layers,
        int heads,
        int keyHeads,
        int headWidth,
        int inner,
        int context,
        float epsilon,
        float ropeBase,
        boolean meanPooling) {

    static LlamaShape of(GgufFile file) {
        String architecture = file.require("general.architecture", String.class);
        if (!architecture.equals("llama")) {
            throw new GgufException(
                    "architecture `"
                            + architecture
                            + "` is not run by this engine, only `llama`; use the process engine");
        }
        int width = file.number("llama.embedding_length", 32, 16_384);
        int heads = file.number("llama.attention.head_count", 1, 256);
        int keyHeads =
                file.find("llama.attention.head_count_kv", Integer.class).isPresent()
                        ? file.number("llama.attention.head_count_kv", 1, heads)
                        : heads;
        if (width % heads != 0 || width / heads % 2 != 0 || heads % keyHeads != 0) {
            throw new GgufException("the attention heads do not divide the width");
        }
        int headWidth = width / heads;
        int rope = file.find("llama.rope.dimension_count", Integer.class).orElse(headWidth);
        if (rope != headWidth) {
            throw new GgufException("partial rotary positions are not run by this engine");
        }
        if (file.find("llama.rope.scaling.type", String.class).orElse("none").equals("none")
                && !file.has("rope_freqs.weight")) {
            return sized(file, width, heads, keyHeads, headWidth);
        }
        throw new GgufException("scaled rotary positions are not run by this engine");
    }

    private static LlamaShape sized(
            GgufFile file, int width, int heads, int keyHeads, int headWidth) {
        return new LlamaShape(
                file.list("tokenizer.ggml.tokens", String.class).size(),
                width,
                file.number("llama.block_count", 1, 256),
                heads,
                keyHeads,
                headWidth,
                file.number("llama.feed_forward_length", 32, 65_536),
                file.number("llama.context_length", 16, 1 << 20),
                positive(file, "llama.attention.layer_norm_rms_epsilon", 1e-5f),
                positive(file, "llama.rope.freq_base", 10_000f),
                file.find("llama.pooling_type", Integer.class).orElse(0) == 1);
    }

    private static float positive(GgufFile file, String key, float otherwise) {
        float value = file.find(key, Float.class).orElse(otherwise);
        if (!(value > 0 && value < 1e9f)) {
            throw new GgufException("metadata `" + key + "` must be positive");
        }
        return value;
    }

    int keyWidth() {
        return keyHeads * headWidth;
    }
}

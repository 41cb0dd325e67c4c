package atlas.node.trainer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Puts a trained network and its tokenizer into a GGUF file: norms F32, matrices Q8_0. */
final class ModelFile {
    private ModelFile() {}

    static byte[] bytes(String name, Transformer model, Bpe bpe, boolean meanPooling) {
        Shape s = model.shape;
        GgufWriter out = new GgufWriter();
        out.string("general.architecture", "llama")
                .string("general.name", name)
                .string("general.license", "apache-2.0")
                .u32("general.file_type", 7)
                .u32("general.quantization_version", 2)
                .u32("general.alignment", 32)
                .u32("llama.vocab_size", s.vocabulary())
                .u32("llama.context_length", s.context())
                .u32("llama.embedding_length", s.width())
                .u32("llama.block_count", s.layers())
                .u32("llama.feed_forward_length", s.inner())
                .u32("llama.attention.head_count", s.heads())
                .u32("llama.attention.head_count_kv", s.keyHeads())
                .u32("llama.rope.dimension_count", s.headWidth())
                .f32("llama.attention.layer_norm_rms_epsilon", Ops.EPSILON)
                .f32("llama.rope.freq_base", Ops.ROPE_BASE);
        if (meanPooling) {
            out.u32("llama.pooling_type", 1);
        }
        tokenizer(out, bpe);
        for (Parameter p : model.parameters()) {
            int type = p.isNorm() ? GgufWriter.F32 : GgufWriter.Q8_0;
            out.tensor(p.name + ".weight", p.rows, p.columns, type, p.value);
        }
        return out.bytes();
    }

    private static void tokenizer(GgufWriter out, Bpe bpe) {
        int[] types = new int[bpe.tokens.size()];
        for (int i = 0; i < types.length; i++) {
            boolean unused = bpe.tokens.get(i).startsWith("<|unused");
            types[i] = i < Bpe.SPECIAL.size() ? 3 : unused ? 5 : 1;
        }
        out.string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", "gpt-2")
                .strings("tokenizer.ggml.tokens", bpe.tokens)
                .i32s("tokenizer.ggml.token_type", types)
                .strings("tokenizer.ggml.merges", bpe.merges)
                .u32("tokenizer.ggml.bos_token_id", 0)
                .u32("tokenizer.ggml.eos_token_id", 2)
                .u32("tokenizer.ggml.padding_token_id", 0)
                .bool("tokenizer.ggml.add_bos_token", false)
                .string(
                        "tokenizer.chat_template",
                        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n'"
                                + " + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
                                + "{% if add_generation_prompt %}"
                                + "{{ '<|im_start|>assistant\\n' }}{% endif %}");
    }

    /** Writes the file and gives its SHA-256 in hex. */
    static String write(Path file, byte[] bytes) throws IOException {
        if (file.getParent() != null) {
            Files.createDirectories(file.getParent());
        }
        Files.write(file, bytes);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}

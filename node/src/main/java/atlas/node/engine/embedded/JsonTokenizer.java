package atlas.node.engine.embedded;

import atlas.node.engine.EngineRefusal;
import atlas.node.engine.EngineRefusal.Kind;
import atlas.node.json.BadJson;
import atlas.node.json.JsonTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a {@code tokenizer.json} that describes byte-level BPE; others are refused. */
public final class JsonTokenizer {
    private JsonTokenizer() {}

    /** The tokenizer the file describes. */
    public static TextEncoder read(byte[] json) throws EngineRefusal {
        try {
            JsonTree file = JsonTree.object(json);
            refuseOthers(file);
            JsonTree model =
                    file.find("model", JsonTree.class)
                            .orElseThrow(() -> new BadJson("`model` is missing"));
            if (!model.text("type").equals("BPE")) {
                throw new EngineRefusal(
                        Kind.BAD_WEIGHTS, "only BPE tokenizers are run, not the one in the file");
            }
            JsonTree vocabulary =
                    model.find("vocab", JsonTree.class)
                            .orElseThrow(() -> new BadJson("`vocab` is missing"));
            return new Tokenizer(tokens(vocabulary), merges(model.list("merges")));
        } catch (BadJson e) {
            throw new EngineRefusal(Kind.BAD_WEIGHTS, "`tokenizer.json`: " + e.reason());
        } catch (GgufException e) {
            throw new EngineRefusal(Kind.BAD_WEIGHTS, "`tokenizer.json`: " + e.reason());
        }
    }

    /** Steps that this encoder does not take would change what the model reads. */
    private static void refuseOthers(JsonTree file) throws EngineRefusal {
        for (String step : List.of("pre_tokenizer", "post_processor")) {
            Optional<JsonTree> found = file.find(step, JsonTree.class);
            if (found.isPresent() && !found.get().text("type").equals("ByteLevel")) {
                throw new EngineRefusal(
                        Kind.BAD_WEIGHTS, "`tokenizer.json`: this `" + step + "` is not run");
            }
        }
        if (file.asks("normalizer")) {
            throw new EngineRefusal(
                    Kind.BAD_WEIGHTS, "`tokenizer.json`: a `normalizer` is not run");
        }
    }

    private static List<String> tokens(JsonTree vocabulary) {
        List<String> tokens = new ArrayList<>();
        for (String token : vocabulary.names()) {
            tokens.add(token);
        }
        String[] placed = new String[tokens.size()];
        for (String token : tokens) {
            long id = vocabulary.whole(token).orElse(-1L);
            if (id < 0 || id >= placed.length || placed[(int) id] != null) {
                throw new BadJson("the numbers of the tokens have gaps");
            }
            placed[(int) id] = token;
        }
        return List.of(placed);
    }

    private static List<String> merges(List<?> items) {
        List<String> merges = new ArrayList<>();
        for (Object item : items) {
            switch (item) {
                case String text -> merges.add(text);
                case List<?> pair when pair.size() == 2 ->
                        merges.add(pair.get(0) + " " + pair.get(1));
                default -> throw new BadJson("a merge is not a pair");
            }
        }
        return merges;
    }
}

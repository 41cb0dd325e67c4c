package atlas.gateway.openai;

import atlas.core.ModelRef;
import atlas.core.Sensitive;
import atlas.vectors.Attribute;
import atlas.vectors.AttributeFilter;
import atlas.vectors.AttributeFilter.Comparison;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Requests about vector stores, in OpenAI's words where it has some, and {@code vectors} where it
 * has files.
 */
public final class VectorRequests {
    /** Items added in one request, and therefore texts in one call to a model. */
    public static final int MOST_ITEMS = 256;

    private static final int MOST_QUERIES = 8;
    private static final int MOST_RESULTS = 50;
    private static final int RESULTS = 10;
    private static final int MOST_PAIRS = 16;
    private static final int MOST_KEY_CHARS = 64;
    private static final int MOST_VALUE_CHARS = 512;
    private static final int MOST_NAME_CHARS = 256;
    private static final int MOST_TEXT_CHARS = 1 << 20;
    private static final int MOST_FILTERS = 64;

    /** The key of metadata that names a model, for clients that can send no other field. */
    private static final String MODEL = "embedding_model";

    private VectorRequests() {}

    /** A store to make. */
    public record Create(
            String name, Optional<String> model, int dimensions, Map<String, String> metadata) {
        public Create {
            metadata = Map.copyOf(metadata);
        }
    }

    /** What to change of a store. */
    public record Update(Optional<String> name, Optional<Map<String, String>> metadata) {}

    /** One item to add: a text, a vector or both. */
    public record Item(
            Optional<Sensitive<String>> text,
            Optional<Sensitive<float[]>> vector,
            Map<String, Attribute> attributes) {
        public Item {
            attributes = Map.copyOf(attributes);
        }
    }

    /**
     * What to look for: texts, or one vector.
     *
     * @param threshold the least similarity
     */
    public record Search(
            List<Sensitive<String>> queries,
            Optional<Sensitive<float[]>> vector,
            int most,
            double threshold,
            AttributeFilter filter) {
        public Search {
            queries = List.copyOf(queries);
        }
    }

    public static Create create(byte[] body) throws InvalidRequest {
        JsonBody in =
                JsonBody.read(body, Set.of("name", "description", "metadata", MODEL, "dimensions"));
        in.text("description", MOST_VALUE_CHARS);
        Map<String, String> metadata = metadata(in).orElse(Map.of());
        Optional<String> model = in.text(MODEL, MOST_VALUE_CHARS);
        Optional<String> named = model.or(() -> Optional.ofNullable(metadata.get(MODEL)));
        if (named.isPresent() && !ModelRef.isName(named.get())) {
            throw in.wrong(MODEL, "the name of a model");
        }
        return new Create(
                in.text("name", MOST_NAME_CHARS).orElse(""),
                named,
                in.integer("dimensions", 1, 16_384, 0),
                metadata);
    }

    public static Update update(byte[] body) throws InvalidRequest {
        JsonBody in = JsonBody.read(body, Set.of("name", "metadata"));
        return new Update(in.text("name", MOST_NAME_CHARS), metadata(in));
    }

    public static List<Item> add(byte[] body) throws InvalidRequest {
        JsonBody in = JsonBody.read(body, Set.of("vectors"));
        List<Item> items = new ArrayList<>();
        for (JsonBody item :
                in.objects("vectors", MOST_ITEMS, Set.of("text", "vector", "attributes"))) {
            Optional<String> text = item.text("text", MOST_TEXT_CHARS);
            Optional<float[]> vector = item.vector("vector");
            if (vector.isEmpty() && text.orElse("").isBlank()) {
                throw item.wrong("text", "there, or `vector`");
            }
            Map<String, Attribute> attributes = new LinkedHashMap<>();
            Optional<JsonBody> given = item.object("attributes");
            if (given.isPresent()) {
                requirePairs(given.get(), item, "attributes");
                for (String key : given.get().names()) {
                    attributes.put(key, attribute(given.get(), key));
                }
            }
            items.add(new Item(text.map(Sensitive::of), vector.map(Sensitive::of), attributes));
        }
        return items;
    }

    public static Search search(byte[] body) throws InvalidRequest {
        JsonBody in =
                JsonBody.read(
                        body,
                        Set.of(
                                "query",
                                "vector",
                                "max_num_results",
                                "filters",
                                "ranking_options",
                                "rewrite_query"));
        if (in.value("rewrite_query").filter(value -> !value.equals(false)).isPresent()) {
            throw in.wrong("rewrite_query", "false: a query is searched for as it was written");
        }
        Optional<JsonBody> ranking =
                in.object("ranking_options", Set.of("ranker", "score_threshold"));
        double threshold = 0;
        if (ranking.isPresent()) {
            ranking.get().text("ranker", MOST_VALUE_CHARS);
            threshold = ranking.get().number("score_threshold", 0, 1, 0);
        }
        List<Sensitive<String>> queries = queries(in);
        Optional<Sensitive<float[]>> vector = in.vector("vector").map(Sensitive::of);
        if (queries.isEmpty() == vector.isEmpty()) {
            throw in.wrong("query", "there, or `vector`, and not both");
        }
        Optional<JsonBody> filter = in.object("filters");
        AttributeFilter accepted = new AttributeFilter.Every();
        if (filter.isPresent()) {
            accepted = new Filters().filter(filter.get());
        }
        int most = in.integer("max_num_results", 1, MOST_RESULTS, RESULTS);
        return new Search(queries, vector, most, threshold, accepted);
    }

    private static List<Sensitive<String>> queries(JsonBody in) throws InvalidRequest {
        Optional<Object> query = in.value("query");
        if (query.isEmpty()) {
            return List.of();
        }
        List<?> texts = query.get() instanceof List<?> list ? list : List.of(query.get());
        List<Sensitive<String>> queries = new ArrayList<>();
        for (Object text : texts) {
            if (!(text instanceof String words)
                    || words.isBlank()
                    || words.length() > MOST_TEXT_CHARS
                    || queries.size() == MOST_QUERIES) {
                throw in.wrong("query", "a text, or 1 to " + MOST_QUERIES + " texts");
            }
            queries.add(Sensitive.of(words));
        }
        if (queries.isEmpty()) {
            throw in.wrong("query", "a text, or 1 to " + MOST_QUERIES + " texts");
        }
        return queries;
    }

    private static Optional<Map<String, String>> metadata(JsonBody in) throws InvalidRequest {
        Optional<JsonBody> given = in.object("metadata");
        if (given.isEmpty()) {
            return Optional.empty();
        }
        requirePairs(given.get(), in, "metadata");
        Map<String, String> metadata = new LinkedHashMap<>();
        for (String key : given.get().names()) {
            metadata.put(key, given.get().text(key, MOST_VALUE_CHARS).orElse(""));
        }
        return Optional.of(metadata);
    }

    private static void requirePairs(JsonBody pairs, JsonBody in, String name)
            throws InvalidRequest {
        boolean fits =
                pairs.names().size() <= MOST_PAIRS
                        && pairs.names().stream()
                                .allMatch(key -> !key.isEmpty() && key.length() <= MOST_KEY_CHARS);
        if (!fits) {
            throw in.wrong(
                    name,
                    "at most %d pairs with names of 1 to %d characters"
                            .formatted(MOST_PAIRS, MOST_KEY_CHARS));
        }
    }

    private static Attribute attribute(JsonBody in, String key) throws InvalidRequest {
        return attribute(in, key, in.value(key).orElseThrow());
    }

    private static Attribute attribute(JsonBody in, String key, Object value)
            throws InvalidRequest {
        return switch (value) {
            case String text when text.length() <= MOST_VALUE_CHARS -> new Attribute.Text(text);
            case Double number when Double.isFinite(number) -> new Attribute.Number(number);
            case Boolean flag -> new Attribute.Flag(flag);
            default ->
                    throw in.wrong(
                            key,
                            "a string of at most %d characters, a number, true or false"
                                    .formatted(MOST_VALUE_CHARS));
        };
    }

    /** Reads one filter with all that are in it, of which there may be only so many. */
    private static final class Filters {
        private int left = MOST_FILTERS;

        AttributeFilter filter(JsonBody in) throws InvalidRequest {
            if (left-- == 0) {
                throw in.wrong("type", "one of at most " + MOST_FILTERS + " filters");
            }
            String type = in.text("type", MOST_KEY_CHARS).orElse("");
            return switch (type) {
                case "and" -> new AttributeFilter.And(all(in));
                case "or" -> new AttributeFilter.Or(all(in));
                case "in", "nin" ->
                        new AttributeFilter.Among(key(in), type.equals("in"), values(in));
                case "eq", "ne", "gt", "gte", "lt", "lte" ->
                        new AttributeFilter.Compared(
                                key(in),
                                Comparison.valueOf(type.toUpperCase(Locale.ROOT)),
                                attribute(
                                        in,
                                        "value",
                                        in.value("value")
                                                .orElseThrow(() -> in.wrong("value", "there"))));
                default ->
                        throw in.wrong(
                                "type",
                                "`eq`, `ne`, `gt`, `gte`, `lt`, `lte`, `in`, `nin`,"
                                        + " `and` or `or`");
            };
        }

        private List<AttributeFilter> all(JsonBody in) throws InvalidRequest {
            List<AttributeFilter> filters = new ArrayList<>();
            Set<String> known = Set.of("type", "key", "value", "filters");
            for (JsonBody each : in.objects("filters", MOST_FILTERS, known)) {
                filters.add(filter(each));
            }
            return filters;
        }

        private String key(JsonBody in) throws InvalidRequest {
            return in.text("key", MOST_KEY_CHARS).orElseThrow(() -> in.wrong("key", "there"));
        }

        private List<Attribute> values(JsonBody in) throws InvalidRequest {
            List<Attribute> values = new ArrayList<>();
            Object given = in.value("value").orElse("");
            if (given instanceof double[] numbers) {
                for (double number : numbers) {
                    values.add(attribute(in, "value", number));
                }
            } else if (given instanceof List<?> list) {
                for (Object value : list) {
                    values.add(attribute(in, "value", value));
                }
            } else {
                throw in.wrong("value", "an array of strings or of numbers");
            }
            return values;
        }
    }
}

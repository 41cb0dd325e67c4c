package atlas.gateway.openai;

import atlas.core.json.Json;
import atlas.vectors.Attribute;
import atlas.vectors.Hit;
import atlas.vectors.StoreCard;
import atlas.vectors.VectorItem;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Answers about vector stores, in OpenAI's shapes; what it has no word for is under {@code atlas}.
 */
public final class VectorAnswers {
    private VectorAnswers() {}

    public static byte[] store(StoreCard card) {
        return Json.bytes(out -> write(card, out));
    }

    public static byte[] stores(List<StoreCard> cards, boolean more) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("object", "list");
            out.writeArrayFieldStart("data");
            for (StoreCard card : cards) {
                write(card, out);
            }
            out.writeEndArray();
            ends(
                    cards.isEmpty() ? "" : cards.getFirst().id(),
                    cards.isEmpty() ? "" : cards.getLast().id(),
                    more,
                    out);
            out.writeEndObject();
        });
    }

    public static byte[] items(List<VectorItem> items, boolean more) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("object", "list");
            out.writeArrayFieldStart("data");
            for (VectorItem item : items) {
                write(item, out);
            }
            out.writeEndArray();
            ends(
                    items.isEmpty() ? "" : items.getFirst().id(),
                    items.isEmpty() ? "" : items.getLast().id(),
                    more,
                    out);
            out.writeEndObject();
        });
    }

    public static byte[] item(VectorItem item) {
        return Json.bytes(out -> write(item, out));
    }

    /** What was added, without what it holds: the caller has just sent it. */
    public static byte[] added(String store, List<String> ids) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("object", "list");
            out.writeStringField("vector_store_id", store);
            out.writeArrayFieldStart("data");
            for (String id : ids) {
                out.writeStartObject();
                out.writeStringField("id", id);
                out.writeStringField("object", "vector_store.vector");
                out.writeStringField("status", "completed");
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    public static byte[] deleted(String object, String id) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("id", id);
            out.writeStringField("object", object + ".deleted");
            out.writeBooleanField("deleted", true);
            out.writeEndObject();
        });
    }

    /**
     * Hits, nearest first.
     *
     * @param queries as they were searched for
     */
    public static byte[] found(List<String> queries, List<Hit> hits) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("object", "vector_store.search_results.page");
            out.writeArrayFieldStart("search_query");
            for (String query : queries) {
                out.writeString(query);
            }
            out.writeEndArray();
            out.writeArrayFieldStart("data");
            for (Hit hit : hits) {
                out.writeStartObject();
                out.writeStringField("file_id", hit.item().id());
                out.writeStringField("filename", hit.item().id());
                out.writeNumberField("score", score(hit));
                attributes(hit.item().attributes(), out);
                content(hit.item(), out);
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeBooleanField("has_more", false);
            out.writeNullField("next_page");
            out.writeEndObject();
        });
    }

    /** From 0 to 1: the cosine, with everything that points away at 0. */
    public static double score(Hit hit) {
        return Math.clamp(hit.similarity(), 0, 1);
    }

    private static void ends(String first, String last, boolean more, JsonGenerator out)
            throws IOException {
        if (first.isEmpty()) {
            out.writeNullField("first_id");
            out.writeNullField("last_id");
        } else {
            out.writeStringField("first_id", first);
            out.writeStringField("last_id", last);
        }
        out.writeBooleanField("has_more", more);
    }

    private static void write(StoreCard card, JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("id", card.id());
        out.writeStringField("object", "vector_store");
        out.writeNumberField("created_at", card.created().getEpochSecond());
        out.writeStringField("name", card.name());
        out.writeNumberField("usage_bytes", card.bytes());
        out.writeObjectFieldStart("file_counts");
        out.writeNumberField("in_progress", 0);
        out.writeNumberField("completed", card.vectors());
        out.writeNumberField("failed", 0);
        out.writeNumberField("cancelled", 0);
        out.writeNumberField("total", card.vectors());
        out.writeEndObject();
        out.writeStringField("status", "completed");
        out.writeNullField("expires_after");
        out.writeNullField("expires_at");
        out.writeNumberField("last_active_at", card.lastActive().getEpochSecond());
        out.writeObjectFieldStart("metadata");
        for (Map.Entry<String, String> entry : card.metadata().entrySet()) {
            out.writeStringField(entry.getKey(), entry.getValue());
        }
        out.writeEndObject();
        out.writeObjectFieldStart("atlas");
        out.writeStringField("owner", card.owner());
        out.writeNumberField("vectors", card.vectors());
        out.writeNumberField("dimensions", card.dimensions());
        if (card.model().isPresent()) {
            out.writeStringField("embedding_model", card.model().get());
        }
        out.writeEndObject();
        out.writeEndObject();
    }

    private static void write(VectorItem item, JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("id", item.id());
        out.writeStringField("object", "vector_store.vector");
        out.writeNumberField("created_at", item.created().getEpochSecond());
        out.writeStringField("status", "completed");
        attributes(item.attributes(), out);
        content(item, out);
        out.writeEndObject();
    }

    private static void attributes(Map<String, Attribute> attributes, JsonGenerator out)
            throws IOException {
        out.writeObjectFieldStart("attributes");
        for (Map.Entry<String, Attribute> entry : attributes.entrySet()) {
            switch (entry.getValue()) {
                case Attribute.Text(String value) -> out.writeStringField(entry.getKey(), value);
                case Attribute.Number(double value) -> number(entry.getKey(), value, out);
                case Attribute.Flag(boolean value) -> out.writeBooleanField(entry.getKey(), value);
            }
        }
        out.writeEndObject();
    }

    private static void number(String name, double value, JsonGenerator out) throws IOException {
        if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
            out.writeNumberField(name, (long) value);
        } else {
            out.writeNumberField(name, value);
        }
    }

    private static void content(VectorItem item, JsonGenerator out) throws IOException {
        out.writeArrayFieldStart("content");
        if (!item.text().reveal().isEmpty()) {
            out.writeStartObject();
            out.writeStringField("type", "text");
            out.writeStringField("text", item.text().reveal());
            out.writeEndObject();
        }
        out.writeEndArray();
    }
}

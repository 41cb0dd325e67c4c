package atlas.gateway.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Walks a body token by token; what is accepted is written to the canonical form in the same step,
 * so that nothing is forwarded which was not read. {@code at} is the JSON path for messages.
 */
final class Cursor {
    private final JsonParser in;
    private final JsonGenerator out;

    Cursor(JsonParser in, JsonGenerator out) {
        this.in = in;
        this.out = out;
    }

    JsonToken next() throws IOException {
        return in.nextToken();
    }

    JsonToken token() {
        return in.currentToken();
    }

    String name() throws IOException {
        return in.currentName();
    }

    boolean isNull() {
        return token() == JsonToken.VALUE_NULL;
    }

    void keepName(String name) throws IOException {
        out.writeFieldName(name);
    }

    /** Keeps the current structural token or null. */
    void keep() throws IOException {
        switch (token()) {
            case START_OBJECT -> out.writeStartObject();
            case END_OBJECT -> out.writeEndObject();
            case START_ARRAY -> out.writeStartArray();
            case END_ARRAY -> out.writeEndArray();
            case VALUE_NULL -> out.writeNull();
            default -> throw new IllegalStateException("not structural: " + token());
        }
    }

    void expect(JsonToken wanted, String at, String called) throws InvalidRequest {
        if (token() != wanted) {
            throw new InvalidRequest(at, "`" + at + "` must be " + called);
        }
    }

    /** Reads a string without keeping it. */
    String text(String at) throws InvalidRequest, IOException {
        expect(JsonToken.VALUE_STRING, at, "a string");
        return wholeText(at);
    }

    String keepText(String at) throws InvalidRequest, IOException {
        String text = text(at);
        out.writeString(text);
        return text;
    }

    /** A name the model may be shown: short, printable, without spaces, so it carries no prose. */
    String keepIdentifier(String at) throws InvalidRequest, IOException {
        String text = text(at);
        if (text.isEmpty() || text.length() > 128) {
            throw new InvalidRequest(at, "`" + at + "` must have 1 to 128 characters");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c > '~') {
                throw new InvalidRequest(
                        at, "`" + at + "` may hold only printable ASCII without spaces");
            }
        }
        out.writeString(text);
        return text;
    }

    boolean flag(String at) throws InvalidRequest {
        return switch (token()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw new InvalidRequest(at, "`" + at + "` must be true or false");
        };
    }

    boolean keepFlag(String at) throws InvalidRequest, IOException {
        boolean value = flag(at);
        out.writeBoolean(value);
        return value;
    }

    double keepNumber(String at) throws InvalidRequest, IOException {
        if (token() != JsonToken.VALUE_NUMBER_FLOAT && token() != JsonToken.VALUE_NUMBER_INT) {
            throw new InvalidRequest(at, "`" + at + "` must be a number");
        }
        double value = in.getDoubleValue();
        if (Double.isInfinite(value)) {
            throw new InvalidRequest(at, "`" + at + "` is out of range");
        }
        out.writeNumber(in.getText());
        return value;
    }

    long keepInteger(String at, long low, long high) throws InvalidRequest, IOException {
        if (token() != JsonToken.VALUE_NUMBER_INT
                || in.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                || in.getLongValue() < low
                || in.getLongValue() > high) {
            throw new InvalidRequest(
                    at, "`" + at + "` must be an integer from " + low + " to " + high);
        }
        out.writeNumber(in.getLongValue());
        return in.getLongValue();
    }

    /**
     * Keeps a whole value, handing every name and string in it to {@code texts}. Names that differ
     * only in case are refused like equal ones: some engines take them for one.
     */
    void keepTree(String at, Consumer<String> texts) throws InvalidRequest, IOException {
        Deque<Set<String>> names = new ArrayDeque<>();
        int depth = 0;
        while (true) {
            switch (token()) {
                case FIELD_NAME -> {
                    texts.accept(wholeText(at));
                    if (!names.getFirst().add(folded(name()))) {
                        throw new InvalidRequest(
                                at, "`" + at + "` has two names that differ only in case");
                    }
                    out.writeFieldName(name());
                }
                case VALUE_STRING -> texts.accept(keepText(at));
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> out.writeNumber(in.getText());
                case VALUE_TRUE, VALUE_FALSE -> keepFlag(at);
                default -> {
                    if (token() == JsonToken.START_OBJECT) {
                        names.push(new HashSet<>());
                    } else if (token() == JsonToken.END_OBJECT) {
                        names.pop();
                    }
                    keep();
                    depth += token().isStructStart() ? 1 : token().isStructEnd() ? -1 : 0;
                }
            }
            if (depth == 0) {
                return;
            }
            next();
        }
    }

    /** Up and down, so that letters with several small forms fold as well (K, ſ). */
    private static String folded(String name) {
        return name.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }

    /** Passes over a value without keeping it; the parser still holds it to the grammar. */
    void skip() throws IOException {
        in.skipChildren();
    }

    private String wholeText(String at) throws InvalidRequest, IOException {
        String text = in.getText();
        if (!Utf8.wholeCharacters(text)) {
            throw new InvalidRequest(at, "`" + at + "` holds half a surrogate pair");
        }
        return text;
    }
}

package atlas.core.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The one JSON factory: RFC 8259 and nothing more. Duplicate names are refused (two readers could
 * disagree on them), as are deep nesting and absurd numbers; source text never appears in messages.
 */
public final class Json {
    /** Nesting allowed in any document. */
    public static final int MAX_DEPTH = 64;

    /**
     * What we write ourselves holds a name twice only when it was written wrong, which every test
     * notices: they run with assertions, and only then is each name looked up while writing. What
     * others wrote is always looked at.
     */
    private static final boolean WATCHED = Json.class.desiredAssertionStatus();

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    // Not by thread: a virtual thread is new with every request.
                    .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .configure(StreamWriteFeature.STRICT_DUPLICATE_DETECTION, WATCHED)
                    .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .disable(JsonWriteFeature.ESCAPE_FORWARD_SLASHES)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH)
                                    .maxNumberLength(64)
                                    .maxStringLength(64 << 20)
                                    .maxNameLength(4096)
                                    .build())
                    .build();

    private Json() {}

    /** The shared, strict, thread-safe factory. */
    public static JsonFactory factory() {
        return FACTORY;
    }

    /** Something that writes one JSON value. */
    public interface Body {
        void write(JsonGenerator out) throws IOException;
    }

    /** The UTF-8 bytes of what {@code body} writes. */
    public static byte[] bytes(Body body) {
        ByteArrayOutputStream buffer = new ByteArrayOutputStream(512);
        try (JsonGenerator out = FACTORY.createGenerator(buffer)) {
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing JSON to memory", e);
        }
        return buffer.toByteArray();
    }
}

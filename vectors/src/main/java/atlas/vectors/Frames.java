package atlas.vectors;

import atlas.core.Sensitive;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the frames of a store's log say, as bytes. */
final class Frames {
    private static final int BEGUN = 1;
    private static final int ADDED = 2;
    private static final int REMOVED = 3;
    private static final int RENAMED = 4;
    private static final int TEXT = 1;
    private static final int NUMBER = 2;
    private static final int FLAG = 3;

    private Frames() {}

    /** One thing that happened to a store. */
    sealed interface Frame {
        /** It was made; always the first. */
        record Begun(NewStore store, Instant created) implements Frame {}

        /** Items came. */
        record Added(List<VectorItem> items) implements Frame {
            public Added {
                items = List.copyOf(items);
            }
        }

        /** Items went. */
        record Removed(List<String> ids) implements Frame {
            public Removed {
                ids = List.copyOf(ids);
            }
        }

        /** It has another name and other metadata. */
        record Renamed(String name, Map<String, String> metadata) implements Frame {
            public Renamed {
                metadata = Map.copyOf(metadata);
            }
        }
    }

    static byte[] encode(Frame frame) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            switch (frame) {
                case Frame.Begun(NewStore store, Instant created) -> {
                    out.writeByte(BEGUN);
                    begun(store, created, out);
                }
                case Frame.Added(List<VectorItem> items) -> {
                    out.writeByte(ADDED);
                    out.writeInt(items.size());
                    for (VectorItem item : items) {
                        item(item, out);
                    }
                }
                case Frame.Removed(List<String> ids) -> {
                    out.writeByte(REMOVED);
                    out.writeInt(ids.size());
                    for (String id : ids) {
                        text(id, out);
                    }
                }
                case Frame.Renamed(String name, Map<String, String> metadata) -> {
                    out.writeByte(RENAMED);
                    text(name, out);
                    texts(metadata, out);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return bytes.toByteArray();
    }

    /** Reads a frame that authenticated. */
    static Frame decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int kind = in.readByte();
            return switch (kind) {
                case BEGUN -> begun(in);
                case ADDED -> {
                    int count = in.readInt();
                    List<VectorItem> items = new ArrayList<>();
                    for (int i = 0; i < count; i++) {
                        items.add(item(in));
                    }
                    yield new Frame.Added(items);
                }
                case REMOVED -> {
                    int count = in.readInt();
                    List<String> ids = new ArrayList<>();
                    for (int i = 0; i < count; i++) {
                        ids.add(text(in));
                    }
                    yield new Frame.Removed(ids);
                }
                case RENAMED -> new Frame.Renamed(text(in), texts(in));
                default ->
                        throw new VectorsException(
                                "a frame of kind " + kind + " is from a later version", null);
            };
        } catch (IOException e) {
            throw new VectorsException("a frame of a vector store makes no sense", e);
        }
    }

    private static void begun(NewStore store, Instant created, DataOutputStream out)
            throws IOException {
        text(store.tenant(), out);
        text(store.owner(), out);
        text(store.name(), out);
        text(store.model().orElse(""), out);
        texts(store.metadata(), out);
        out.writeInt(store.dimensions());
        out.writeLong(created.toEpochMilli());
    }

    private static Frame begun(DataInputStream in) throws IOException {
        String tenant = text(in);
        String owner = text(in);
        String name = text(in);
        String model = text(in);
        NewStore store =
                new NewStore(
                        tenant,
                        owner,
                        name,
                        model.isEmpty() ? Optional.empty() : Optional.of(model),
                        texts(in),
                        in.readInt());
        return new Frame.Begun(store, Instant.ofEpochMilli(in.readLong()));
    }

    private static void item(VectorItem item, DataOutputStream out) throws IOException {
        text(item.id(), out);
        text(item.author(), out);
        out.writeLong(item.created().toEpochMilli());
        text(item.text().reveal(), out);
        out.writeInt(item.attributes().size());
        for (Map.Entry<String, Attribute> entry : item.attributes().entrySet()) {
            text(entry.getKey(), out);
            attribute(entry.getValue(), out);
        }
        float[] vector = item.vector().reveal();
        ByteBuffer numbers = ByteBuffer.allocate(vector.length * Float.BYTES);
        numbers.asFloatBuffer().put(vector);
        out.writeInt(vector.length);
        out.write(numbers.array());
    }

    private static VectorItem item(DataInputStream in) throws IOException {
        String id = text(in);
        String author = text(in);
        Instant created = Instant.ofEpochMilli(in.readLong());
        String text = text(in);
        int count = in.readInt();
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            attributes.put(text(in), attribute(in));
        }
        float[] vector = new float[in.readInt()];
        ByteBuffer.wrap(exactly(in, vector.length * Float.BYTES)).asFloatBuffer().get(vector);
        return new VectorItem(
                id, author, created, Sensitive.of(text), attributes, Sensitive.of(vector));
    }

    private static void attribute(Attribute attribute, DataOutputStream out) throws IOException {
        switch (attribute) {
            case Attribute.Text(String value) -> {
                out.writeByte(TEXT);
                text(value, out);
            }
            case Attribute.Number(double value) -> {
                out.writeByte(NUMBER);
                out.writeDouble(value);
            }
            case Attribute.Flag(boolean value) -> {
                out.writeByte(FLAG);
                out.writeBoolean(value);
            }
        }
    }

    private static Attribute attribute(DataInputStream in) throws IOException {
        int type = in.readByte();
        return switch (type) {
            case TEXT -> new Attribute.Text(text(in));
            case NUMBER -> new Attribute.Number(in.readDouble());
            case FLAG -> new Attribute.Flag(in.readBoolean());
            default -> throw new IOException("an attribute of type " + type);
        };
    }

    private static void texts(Map<String, String> texts, DataOutputStream out) throws IOException {
        out.writeInt(texts.size());
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            text(entry.getKey(), out);
            text(entry.getValue(), out);
        }
    }

    private static Map<String, String> texts(DataInputStream in) throws IOException {
        int count = in.readInt();
        Map<String, String> texts = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            texts.put(text(in), text(in));
        }
        return texts;
    }

    private static void text(String text, DataOutputStream out) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(exactly(in, in.readInt()), StandardCharsets.UTF_8);
    }

    private static byte[] exactly(DataInputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length != length) {
            throw new IOException("cut short");
        }
        return bytes;
    }
}

package atlas.registry.scan;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The messages of onnx.proto: which fields they have and which of those are messages again. */
final class OnnxSchema {
    private OnnxSchema() {}

    /** A message type. */
    enum Kind {
        MODEL(Set.of(1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26)),
        GRAPH(Set.of(1, 2, 5, 10, 11, 12, 13, 14, 15, 16)),
        NODE(Set.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)),
        ATTRIBUTE(Set.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 20, 21, 22, 23)),
        TENSOR(Set.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16)),
        SPARSE(Set.of(1, 2, 3)),
        FUNCTION(Set.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)),
        TRAINING(Set.of(1, 2, 3, 4)),
        OPSET(Set.of(1, 2));

        private static final Map<Kind, Map<Integer, Kind>> CHILDREN =
                Map.of(
                        MODEL, Map.of(7, GRAPH, 8, OPSET, 20, TRAINING, 25, FUNCTION),
                        GRAPH, Map.of(1, NODE, 5, TENSOR, 15, SPARSE),
                        NODE, Map.of(5, ATTRIBUTE),
                        ATTRIBUTE,
                                Map.of(
                                        5, TENSOR, 6, GRAPH, 10, TENSOR, 11, GRAPH, 22, SPARSE, 23,
                                        SPARSE),
                        SPARSE, Map.of(1, TENSOR, 2, TENSOR),
                        FUNCTION, Map.of(7, NODE, 9, OPSET, 11, ATTRIBUTE),
                        TRAINING, Map.of(1, GRAPH, 2, GRAPH));

        private final Set<Integer> fields;

        Kind(Set<Integer> fields) {
            this.fields = fields;
        }

        boolean knows(int field) {
            return fields.contains(field);
        }

        @Nullable Kind child(int field) {
            return CHILDREN.getOrDefault(this, Map.of()).get(field);
        }

        boolean isExternalData(int field) {
            return this == TENSOR && field == 13;
        }

        boolean isDataLocation(int field) {
            return this == TENSOR && field == 14;
        }

        boolean isRawData(int field) {
            return this == TENSOR && field == 9;
        }

        boolean isDomain(int field) {
            return (this == NODE && field == 7)
                    || (this == FUNCTION && field == 10)
                    || (this == OPSET && field == 1);
        }
    }
}

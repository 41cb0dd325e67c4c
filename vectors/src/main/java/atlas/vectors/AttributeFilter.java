package atlas.vectors;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which items a search may find, by their attributes. An item without the attribute, or with one of
 * another type, matches nothing but {@code NE} and {@code NIN}.
 */
public sealed interface AttributeFilter {
    /** How two values stand to each other. */
    enum Comparison {
        EQ,
        NE,
        GT,
        GTE,
        LT,
        LTE
    }

    /** Whether an item with these attributes may be found. */
    boolean accepts(Map<String, Attribute> attributes);

    /** Every item. */
    record Every() implements AttributeFilter {
        @Override
        public boolean accepts(Map<String, Attribute> attributes) {
            return true;
        }
    }

    /** One attribute beside one value. */
    record Compared(String key, Comparison how, Attribute value) implements AttributeFilter {
        @Override
        public boolean accepts(Map<String, Attribute> attributes) {
            Attribute own = attributes.get(key);
            if (how == Comparison.EQ || how == Comparison.NE) {
                return value.equals(own) == (how == Comparison.EQ);
            }
            Integer order = order(own, value);
            if (order == null) {
                return false;
            }
            return switch (how) {
                case EQ, NE -> throw new IllegalStateException("compared above");
                case GT -> order > 0;
                case GTE -> order >= 0;
                case LT -> order < 0;
                case LTE -> order <= 0;
            };
        }

        private static @Nullable Integer order(@Nullable Attribute one, Attribute other) {
            if (one instanceof Attribute.Number(double a)
                    && other instanceof Attribute.Number(double b)) {
                return Double.compare(a, b);
            }
            if (one instanceof Attribute.Text(String a)
                    && other instanceof Attribute.Text(String b)) {
                return a.compareTo(b);
            }
            return null;
        }
    }

    /** One attribute is among some values, or is not. */
    record Among(String key, boolean in, List<Attribute> values) implements AttributeFilter {
        public Among {
            values = List.copyOf(values);
        }

        @Override
        public boolean accepts(Map<String, Attribute> attributes) {
            Attribute own = attributes.get(key);
            return (own != null && values.contains(own)) == in;
        }
    }

    /** All of them hold. */
    record And(List<AttributeFilter> filters) implements AttributeFilter {
        public And {
            filters = List.copyOf(filters);
        }

        @Override
        public boolean accepts(Map<String, Attribute> attributes) {
            return filters.stream().allMatch(filter -> filter.accepts(attributes));
        }
    }

    /** At least one of them holds. */
    record Or(List<AttributeFilter> filters) implements AttributeFilter {
        public Or {
            filters = List.copyOf(filters);
        }

        @Override
        public boolean accepts(Map<String, Attribute> attributes) {
            return filters.stream().anyMatch(filter -> filter.accepts(attributes));
        }
    }
}

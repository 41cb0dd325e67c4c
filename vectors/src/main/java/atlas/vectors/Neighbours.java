package atlas.vectors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntPredicate;
import org.apache.lucene.search.KnnCollector;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.hnsw.HnswGraphBuilder;
import org.apache.lucene.util.hnsw.HnswGraphSearcher;
import org.apache.lucene.util.hnsw.OnHeapHnswGraph;
import org.apache.lucene.util.hnsw.RandomVectorScorer;
import org.apache.lucene.util.hnsw.RandomVectorScorerSupplier;
import org.apache.lucene.util.hnsw.UpdateableRandomVectorScorer;
import org.jspecify.annotations.Nullable;

/**
 * Which vectors are near: Lucene's hierarchical graph over those that were indexed, and every one
 * of those that were not, so that a vector is found from the moment it was added. The only place
 * that knows the graph. Many may search at once; adding and indexing need to be alone.
 *
 * <p>Vectors are of length one, so the dot product is the cosine.
 */
final class Neighbours {
    /** Up to here looking at every vector is as quick, and finds exactly the nearest. */
    static final int EXACT = 2_000;

    private static final int LINKS = 16;
    private static final int BUILD_BEAM = 100;
    private static final int SEARCH_BEAM = 128;
    private static final long SEED = 42;

    private final int exact;
    private final List<float[]> vectors = new ArrayList<>();
    private @Nullable HnswGraphBuilder builder;
    private int indexed;

    /** A vector by its turn, and the cosine. */
    record Near(int place, double similarity) {}

    Neighbours() {
        this(EXACT);
    }

    /** One whose graph begins at another size. */
    Neighbours(int exact) {
        this.exact = exact;
    }

    void add(float[] vector) {
        vectors.add(vector);
    }

    /** Vectors that the graph should know and does not. */
    int behind() {
        return vectors.size() <= exact ? 0 : vectors.size() - indexed;
    }

    /** Bytes that the graph takes. */
    long graphBytes() {
        HnswGraphBuilder graph = builder;
        return graph == null ? 0 : graph.getGraph().ramBytesUsed();
    }

    /** Takes some more vectors into the graph. */
    void index(int most) {
        try {
            HnswGraphBuilder graph = builder;
            if (graph == null) {
                graph = HnswGraphBuilder.create(new Scorers(), LINKS, BUILD_BEAM, SEED);
                builder = graph;
            }
            for (int i = 0; i < most && behind() > 0; i++) {
                graph.addGraphNode(indexed);
                indexed++;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("vectors in memory", e);
        }
    }

    /**
     * The nearest of those that are accepted, nearest first.
     *
     * @param accepted how many {@code accepts} lets through
     */
    List<Near> nearest(float[] query, int most, IntPredicate accepts, int accepted) {
        HnswGraphBuilder graph = builder;
        if (graph == null || indexed == 0 || accepted <= exact) {
            return exact(query, most, accepts, 0);
        }
        List<Near> found = new ArrayList<>(inGraph(graph.getGraph(), query, most, accepts));
        if (found.size() < most) {
            // A filter can cut the graph into pieces that no walk joins.
            return exact(query, most, accepts, 0);
        }
        found.addAll(exact(query, most, accepts, indexed));
        found.sort(NEAREST_FIRST);
        return List.copyOf(found.subList(0, Math.min(most, found.size())));
    }

    private List<Near> inGraph(
            OnHeapHnswGraph graph, float[] query, int most, IntPredicate accepts) {
        int beam = Math.max(SEARCH_BEAM, 2 * most);
        Bits bits =
                new Bits() {
                    @Override
                    public boolean get(int place) {
                        return accepts.test(place);
                    }

                    @Override
                    public int length() {
                        return indexed;
                    }
                };
        try {
            KnnCollector collected =
                    HnswGraphSearcher.search(new To(query), beam, graph, bits, Integer.MAX_VALUE);
            List<Near> near = new ArrayList<>();
            for (ScoreDoc doc : collected.topDocs().scoreDocs) {
                if (near.size() < most) {
                    near.add(new Near(doc.doc, dot(query, vectors.get(doc.doc))));
                }
            }
            return near;
        } catch (IOException e) {
            throw new UncheckedIOException("vectors in memory", e);
        }
    }

    private List<Near> exact(float[] query, int most, IntPredicate accepts, int from) {
        PriorityQueue<Near> best = new PriorityQueue<>(NEAREST_FIRST.reversed());
        for (int place = from; place < vectors.size(); place++) {
            if (accepts.test(place)) {
                double similarity = dot(query, vectors.get(place));
                if (best.size() < most) {
                    best.add(new Near(place, similarity));
                } else if (similarity > best.element().similarity) {
                    best.remove();
                    best.add(new Near(place, similarity));
                }
            }
        }
        return best.stream().sorted(NEAREST_FIRST).toList();
    }

    private static final Comparator<Near> NEAREST_FIRST =
            Comparator.comparingDouble(Near::similarity).reversed().thenComparingInt(Near::place);

    // Four sums at once: the processor need not wait for one addition before the next.
    static float dot(float[] one, float[] other) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int i = 0;
        for (; i + 3 < one.length; i += 4) {
            a += one[i] * other[i];
            b += one[i + 1] * other[i + 1];
            c += one[i + 2] * other[i + 2];
            d += one[i + 3] * other[i + 3];
        }
        for (; i < one.length; i++) {
            a += one[i] * other[i];
        }
        return (a + b) + (c + d);
    }

    /** How near each indexed vector is to one; never negative, as the graph demands. */
    private class To implements RandomVectorScorer {
        private float[] query;

        To(float[] query) {
            this.query = query;
        }

        void to(float[] other) {
            query = other;
        }

        @Override
        public float score(int place) {
            return Math.max(0, (1 + dot(query, vectors.get(place))) / 2);
        }

        @Override
        public int maxOrd() {
            return vectors.size();
        }
    }

    private final class ToOneOfThem extends To implements UpdateableRandomVectorScorer {
        ToOneOfThem() {
            super(new float[0]);
        }

        @Override
        public void setScoringOrdinal(int place) {
            to(vectors.get(place));
        }
    }

    private final class Scorers implements RandomVectorScorerSupplier {
        @Override
        public UpdateableRandomVectorScorer scorer() {
            return new ToOneOfThem();
        }

        @Override
        public RandomVectorScorerSupplier copy() {
            return this;
        }
    }
}

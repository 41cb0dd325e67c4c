package atlas.vectors;

import atlas.core.Sensitive;
import atlas.vectors.Frames.Frame;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A store as it is in memory: what the frames of its log come to. Reading and searching go on side
 * by side; a frame is taken in alone.
 */
final class Contents {
    /** What an item costs beside its text, attributes and numbers: its names and its links. */
    static final int ITEM_BYTES = 512;

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);
    private final Neighbours neighbours = new Neighbours();
    private final List<@Nullable VectorItem> items = new ArrayList<>();
    private final Map<String, Integer> places = new LinkedHashMap<>();
    private final BitSet live = new BitSet();
    private Frame.@Nullable Begun begun;
    private String name = "";
    private Map<String, String> metadata = Map.of();
    private Instant lastActive = Instant.EPOCH;
    private int dimensions;
    private long bytes;

    /** Bytes that an item counts. */
    static long cost(String text, Map<String, Attribute> attributes, int dimensions) {
        long bytes = ITEM_BYTES + utf8(text) + (long) dimensions * Float.BYTES;
        for (Map.Entry<String, Attribute> entry : attributes.entrySet()) {
            bytes += utf8(entry.getKey());
            bytes +=
                    switch (entry.getValue()) {
                        case Attribute.Text(String value) -> utf8(value);
                        case Attribute.Number _ -> Double.BYTES;
                        case Attribute.Flag _ -> 1;
                    };
        }
        return bytes;
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static long cost(VectorItem item) {
        return cost(item.text().reveal(), item.attributes(), item.vector().reveal().length);
    }

    /** Takes in what happened. */
    void apply(Frame frame) {
        lock.writeLock().lock();
        try {
            switch (frame) {
                case Frame.Begun first -> {
                    begun = first;
                    name = first.store().name();
                    metadata = first.store().metadata();
                    dimensions = first.store().dimensions();
                    lastActive = first.created();
                }
                case Frame.Added(List<VectorItem> added) -> added.forEach(this::add);
                case Frame.Removed(List<String> ids) -> ids.forEach(this::remove);
                case Frame.Renamed(String now, Map<String, String> other) -> {
                    name = now;
                    metadata = other;
                }
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void add(VectorItem item) {
        int place = items.size();
        float[] vector = item.vector().reveal();
        dimensions = vector.length;
        items.add(item);
        neighbours.add(vector);
        places.put(item.id(), place);
        live.set(place);
        bytes += cost(item);
        lastActive = item.created().isAfter(lastActive) ? item.created() : lastActive;
    }

    private void remove(String id) {
        Integer place = places.remove(id);
        if (place != null) {
            VectorItem item = items.set(place, null);
            live.clear(place);
            bytes -= item == null ? 0 : cost(item);
        }
    }

    StoreCard card(Place at) {
        lock.readLock().lock();
        try {
            Frame.Begun first = begun();
            return new StoreCard(
                    at.tenant(),
                    at.store(),
                    first.store().owner(),
                    name,
                    first.store().model(),
                    metadata,
                    first.created(),
                    lastActive,
                    dimensions,
                    places.size(),
                    bytes);
        } finally {
            lock.readLock().unlock();
        }
    }

    private Frame.Begun begun() {
        Frame.Begun first = begun;
        if (first == null) {
            throw new VectorsException("a vector store without a beginning; restore it", null);
        }
        return first;
    }

    Optional<VectorItem> item(String id) {
        lock.readLock().lock();
        try {
            return Optional.ofNullable(places.get(id)).map(items::get);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Every item that is there and is accepted, in the order in which they came. */
    List<VectorItem> items(Predicate<VectorItem> accepted) {
        lock.readLock().lock();
        try {
            List<VectorItem> found = new ArrayList<>();
            for (int place : places.values()) {
                VectorItem item = items.get(place);
                if (item != null && accepted.test(item)) {
                    found.add(item);
                }
            }
            return found;
        } finally {
            lock.readLock().unlock();
        }
    }

    List<Hit> nearest(float[] query, int most, AttributeFilter filter) {
        lock.readLock().lock();
        try {
            BitSet accepted = live;
            if (!(filter instanceof AttributeFilter.Every)) {
                accepted = new BitSet(items.size());
                for (int place : places.values()) {
                    VectorItem item = items.get(place);
                    accepted.set(place, item != null && filter.accepts(item.attributes()));
                }
            }
            List<Hit> hits = new ArrayList<>();
            for (Neighbours.Near near :
                    neighbours.nearest(query, most, accepted::get, accepted.cardinality())) {
                VectorItem item = items.get(near.place());
                if (item != null) {
                    hits.add(new Hit(item, near.similarity()));
                }
            }
            return hits;
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Indexes some more; false when there is nothing left to index. */
    boolean index(int most) {
        Lock alone = lock.writeLock();
        alone.lock();
        try {
            if (neighbours.behind() > 0) {
                neighbours.index(most);
            }
            return neighbours.behind() > 0;
        } finally {
            alone.unlock();
        }
    }

    /** Whether so much of it is gone that writing it anew is worth it. */
    boolean wasteful() {
        lock.readLock().lock();
        try {
            int gone = items.size() - places.size();
            return gone >= 64 && gone * 3L > items.size();
        } finally {
            lock.readLock().unlock();
        }
    }

    /** The frames of a log that holds what is there now and nothing of what was. */
    List<Frame> anew(int itemsInFrame) {
        lock.readLock().lock();
        try {
            Frame.Begun first = begun();
            List<Frame> frames = new ArrayList<>();
            NewStore was = first.store();
            NewStore now =
                    new NewStore(
                            was.tenant(), was.owner(), name, was.model(), metadata, dimensions);
            frames.add(new Frame.Begun(now, first.created()));
            List<VectorItem> left = items(_ -> true);
            for (int i = 0; i < left.size(); i += itemsInFrame) {
                frames.add(
                        new Frame.Added(left.subList(i, Math.min(i + itemsInFrame, left.size()))));
            }
            return frames;
        } finally {
            lock.readLock().unlock();
        }
    }

    /** A vector of length one in the same direction; empty when it has none. */
    static Optional<Sensitive<float[]>> direction(float[] vector) {
        double squares = 0;
        for (float number : vector) {
            squares += (double) number * number;
        }
        double length = Math.sqrt(squares);
        if (!(length > 0) || !Double.isFinite(length)) {
            return Optional.empty();
        }
        float[] unit = new float[vector.length];
        for (int i = 0; i < vector.length; i++) {
            unit[i] = (float) (vector[i] / length);
        }
        return Optional.of(Sensitive.of(unit));
    }

    /** The ids among these that are there. */
    List<String> known(Collection<String> ids) {
        lock.readLock().lock();
        try {
            return ids.stream().distinct().filter(places::containsKey).toList();
        } finally {
            lock.readLock().unlock();
        }
    }
}

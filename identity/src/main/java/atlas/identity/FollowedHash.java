package atlas.identity;

import atlas.core.Sensitive;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The keyed hash under a key that somebody else tells, prepared anew only when it is another. */
final class FollowedHash implements UnaryOperator<byte[]> {
    private final Supplier<Sensitive<byte[]>> told;
    private volatile @Nullable Prepared prepared;

    private record Prepared(Sensitive<byte[]> key, KeyedHash hash) {}

    FollowedHash(Supplier<Sensitive<byte[]>> told) {
        this.told = told;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the same object says the same key; another is prepared
    public byte[] apply(byte[] message) {
        Sensitive<byte[]> key = told.get();
        Prepared there = prepared;
        if (there == null || there.key != key) {
            there = new Prepared(key, new KeyedHash(key));
            prepared = there;
        }
        return there.hash.apply(message);
    }
}

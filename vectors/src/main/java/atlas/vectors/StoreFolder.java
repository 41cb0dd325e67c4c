package atlas.vectors;

import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.SealFormat;
import atlas.core.crypto.Sealer;
import atlas.vectors.Frames.Frame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;

/**
 * The folder of one store: its key, wrapped by the vault, and its log. A crash at any instant
 * leaves the store as it was or as it was to be; one that was being made or deleted is finished or
 * forgotten by the next start.
 */
final class StoreFolder {
    private static final String KEY_FILE = "key";
    private static final String MAKING = ".making";

    private final Path folder;
    private final Place place;
    private final Function<String, Sealer> sealers;
    private final KeySlots slots;

    /**
     * @param sealers seals under the key for embeddings of a tenant
     */
    StoreFolder(Path folder, Place place, Function<String, Sealer> sealers) {
        this.folder = folder;
        this.place = place;
        this.sealers = sealers;
        this.slots = new KeySlots(folder.resolve(KEY_FILE));
    }

    Place place() {
        return place;
    }

    /** What a start finds in a folder of stores, once what was under way is settled. */
    static List<String> settle(Path tenant) throws IOException {
        List<String> stores = new ArrayList<>();
        for (Path folder : Disk.folders(tenant)) {
            String name = folder.getFileName().toString();
            if (name.endsWith(MAKING)) {
                Disk.remove(folder);
            } else if (deleted(folder)) {
                Disk.remove(folder);
            } else {
                stores.add(name);
            }
        }
        return stores;
    }

    // A key that cannot be read is no reason to delete: whoever asks for the store is told.
    private static boolean deleted(Path folder) throws IOException {
        Path key = folder.resolve(KEY_FILE);
        if (!Files.exists(key)) {
            // A folder without a key is one that was being removed: keys go first.
            return true;
        }
        try {
            return new KeySlots(key).read().isEmpty();
        } catch (VectorsException e) {
            return false;
        }
    }

    /** Makes the store; it is there once its folder has its name. */
    void make(Frame.Begun begun) throws IOException {
        Path making = folder.resolveSibling(folder.getFileName() + MAKING);
        Disk.makeFolder(making);
        byte[] key = SealFormat.newKey();
        byte[] wrapped = sealers.apply(place.tenant()).seal(key, place.ofKey(1));
        SealedLog.make(making, place, 1, spec(key), List.of(Frames.encode(begun)));
        Arrays.fill(key, (byte) 0);
        Disk.make(making.resolve(KEY_FILE), KeySlots.first(new KeySlots.Kept(1, wrapped)));
        Disk.sync(making);
        Disk.rename(making, folder);
    }

    /** Reads all of the store, and is ready for more. */
    SealedLog read(Consumer<Frame> frames) throws IOException {
        KeySlots.Kept kept = kept();
        SecretKeySpec key = unwrapped(kept);
        slots.destroyFormer(kept.generation());
        removeLogsBut(kept.generation());
        return SealedLog.read(
                folder, place, kept.generation(), key, bytes -> frames.accept(decoded(bytes)));
    }

    /** Reads only how it began. */
    Frame.Begun begun() throws IOException {
        KeySlots.Kept kept = kept();
        List<Frame> first = new ArrayList<>();
        SealedLog.readFirst(
                folder,
                place,
                kept.generation(),
                unwrapped(kept),
                bytes -> first.add(decoded(bytes)));
        if (first.getFirst() instanceof Frame.Begun begun
                && begun.store().tenant().equals(place.tenant())) {
            return begun;
        }
        throw new VectorsException("`" + folder + "` does not begin as a store does", null);
    }

    /**
     * Puts another log in place of the one there is, under another key. Of what only the former log
     * held nothing can be opened any more, wherever its blocks went.
     */
    SealedLog rewrite(int generation, List<Frame> frames) throws IOException {
        int next = generation + 1;
        byte[] key = SealFormat.newKey();
        byte[] wrapped = sealers.apply(place.tenant()).seal(key, place.ofKey(next));
        Iterable<byte[]> encoded = () -> frames.stream().map(Frames::encode).iterator();
        SealedLog log = SealedLog.make(folder, place, next, spec(key), encoded);
        Arrays.fill(key, (byte) 0);
        slots.replace(new KeySlots.Kept(next, wrapped));
        removeLogsBut(next);
        return log;
    }

    /** Destroys the key, then everything. */
    void destroy() throws IOException {
        slots.destroy();
        removeLogsBut(0);
        Disk.remove(folder);
    }

    private KeySlots.Kept kept() throws IOException {
        Optional<KeySlots.Kept> kept = slots.read();
        return kept.orElseThrow(() -> new VectorsException("`" + folder + "` is deleted", null));
    }

    private SecretKeySpec unwrapped(KeySlots.Kept kept) {
        byte[] key;
        try {
            key =
                    sealers.apply(place.tenant())
                            .open(kept.wrapped(), place.ofKey(kept.generation()));
        } catch (SealBrokenException e) {
            throw new VectorsException("the key in `" + folder + "` was altered; restore it", e);
        }
        SecretKeySpec spec = spec(key);
        Arrays.fill(key, (byte) 0);
        return spec;
    }

    private static SecretKeySpec spec(byte[] key) {
        return new SecretKeySpec(key, "HmacSHA256");
    }

    private static Frame decoded(byte[] bytes) {
        return Frames.decode(bytes);
    }

    private void removeLogsBut(int generation) throws IOException {
        String current = SealedLog.file(folder, generation).getFileName().toString();
        try (Stream<Path> found = Files.list(folder)) {
            for (Path file : found.toList()) {
                String name = file.getFileName().toString();
                if (name.startsWith("log.") && !name.equals(current)) {
                    Files.delete(file);
                }
            }
        }
    }
}

package atlas.registry;

import atlas.core.Digest;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.ObjectSealer;
import atlas.core.crypto.OpenedObject;
import atlas.core.crypto.SealBrokenException;
import atlas.registry.RegistryRefusal.Cause;
import atlas.registry.StoredVersion.StoredFile;
import atlas.registry.oms.FileCheck;
import atlas.registry.oms.OmsManifest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * From a stored version to verified bytes in memory: record, signature, manifest, then every chunk
 * of every object, whose plaintext must be what was signed. One difference and nothing is given.
 */
final class ServingJourney {
    private final Function<Digest, Path> objects;
    private final ObjectSealer sealer;
    private final String tenant;

    /** The ciphertext of an object is where {@code objects} says. */
    ServingJourney(Function<Digest, Path> objects, ObjectSealer sealer, String tenant) {
        this.objects = objects;
        this.sealer = sealer;
        this.tenant = tenant;
    }

    /**
     * Fills memory with every file; what was filled is zeroed when anything does not hold.
     *
     * @throws RegistryRefusal naming the file and what does not hold
     */
    Map<String, MemorySegment> load(
            StoredVersion stored, OmsManifest manifest, ModelMemory memory) {
        requireSame(stored, manifest);
        Map<String, MemorySegment> loaded = new LinkedHashMap<>();
        try {
            for (StoredFile file : stored.files()) {
                MemorySegment target = memory.place(file.file());
                if (target.byteSize() != file.file().bytes() || !target.isNative()) {
                    throw new IllegalArgumentException(
                            "model memory is native and exactly as long as the file");
                }
                loaded.put(file.file().name(), target);
                load(stored, file, manifest.check(file.file().name()), target);
            }
            return loaded;
        } catch (RuntimeException e) {
            loaded.values().forEach(segment -> segment.fill((byte) 0));
            throw e;
        }
    }

    private static void requireSame(StoredVersion stored, OmsManifest manifest) {
        List<String> names = stored.files().stream().map(file -> file.file().name()).toList();
        if (!stored.rootDigest().equals(manifest.rootDigest()) || !names.equals(manifest.files())) {
            throw new RegistryRefusal(
                    Cause.ALTERED,
                    "`" + stored.ref() + "` is refused: its record is not of the signed manifest");
        }
    }

    private void load(
            StoredVersion stored, StoredFile file, FileCheck check, MemorySegment target) {
        String name = file.file().name();
        try (OpenedObject opened =
                sealer.open(
                        PushJourney.context(tenant, stored.ref(), stored.rootDigest(), name),
                        objects.apply(file.object()))) {
            if (opened.length() != file.file().bytes()) {
                throw altered(stored, name, "its length is not the recorded one", null);
            }
            new PlaintextPipe(opened, target, check).run();
            Optional<String> problem = check.finish();
            if (problem.isPresent()) {
                throw altered(stored, name, problem.get(), null);
            }
        } catch (SealBrokenException e) {
            throw altered(stored, name, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw altered(stored, name, "its stored bytes cannot be read", e);
        } catch (KeyUnavailableException e) {
            throw new RegistryException(
                    "`" + stored.ref() + "` cannot be opened now: " + e.getMessage(), e);
        }
    }

    private static RegistryRefusal altered(
            StoredVersion stored, String file, String what, @Nullable Exception cause) {
        String message = "`" + stored.ref() + "` is refused: `" + file + "`: " + what;
        return cause == null
                ? new RegistryRefusal(Cause.ALTERED, message)
                : new RegistryRefusal(Cause.ALTERED, message, cause);
    }
}

package atlas.registry;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.ModelChanged;
import atlas.core.AuditLog;
import atlas.core.AuditUnavailableException;
import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.Principal;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.ObjectSealer;
import atlas.registry.RegistryRefusal.Cause;
import atlas.registry.oms.OmsManifest;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Models of a registry elsewhere, for a node: ciphertext is fetched and kept, and every load
 * verifies as the registry does, from the signature against the signers trusted now to the digest
 * of each file. Loading and refusing are both journaled; without the journal nothing is loaded.
 * Thread-safe.
 */
public final class FetchedModels {
    private static final int ALIGNMENT = 64;
    private static final int BLOCK = 256 << 10;

    private final Path directory;
    private final Source source;
    private final Supplier<TrustedSigners> signers;
    private final ObjectSealer sealer;
    private final AuditLog audit;
    private final Clock clock;

    /** Where the registry is. Each throws {@link RegistryException} when it cannot be asked. */
    public interface Source {
        /**
         * The record of a version that may serve.
         *
         * @throws RegistryRefusal when it may not
         */
        byte[] record(ModelRef ref);

        /** The sealed bytes of one of its objects. */
        InputStream object(ModelRef ref, Digest sealed);
    }

    /**
     * @param directory where ciphertext is kept
     * @param sealer opens objects with released keys
     */
    public FetchedModels(
            Path directory,
            Source source,
            Supplier<TrustedSigners> signers,
            ObjectSealer sealer,
            AuditLog audit,
            Clock clock) {
        this.directory = directory;
        this.source = source;
        this.signers = signers;
        this.sealer = sealer;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * As {@link ModelRegistry#openForServing(ModelRef, String)}.
     *
     * @throws RegistryRefusal naming what does not hold; nothing was exposed
     */
    @SuppressWarnings("MustBeClosedChecker") // the model that is returned closes it
    public OpenedModel openForServing(ModelRef ref, String node) {
        Actor actor = Actor.system("node/" + node);
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try {
            OpenedModel model = open(ref, actor, arena);
            opened = true;
            return model;
        } catch (RegistryRefusal e) {
            refused(actor, ref, e);
            throw e;
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    private OpenedModel open(ModelRef ref, Actor actor, Arena arena) {
        StoredVersion stored = StoredVersion.parse(source.record(ref));
        if (!stored.ref().equals(ref)) {
            throw new RegistryRefusal(
                    Cause.ALTERED,
                    "`" + ref + "` is refused: its record is of `" + stored.ref() + "`");
        }
        OmsManifest manifest =
                new Signatures(signers.get(), clock).require(ref.toString(), stored.signature());
        for (StoredVersion.StoredFile file : stored.files()) {
            fetch(ref, file.object());
        }
        ModelMemory memory = file -> arena.allocate(file.bytes(), ALIGNMENT);
        Map<String, MemorySegment> loaded =
                new ServingJourney(this::object, sealer, Principal.DEFAULT_TENANT)
                        .load(stored, manifest, memory);
        MemoryModel model =
                new MemoryModel(
                        new ModelVersion(
                                ref,
                                stored.rootDigest(),
                                manifest.signer(),
                                ModelVersion.State.DEPLOYED,
                                stored.pushedBy(),
                                stored.pushed(),
                                Optional.empty(),
                                stored.fileRecords(),
                                stored.card()),
                        loaded,
                        arena::close);
        try {
            audit.append(event(actor, "loaded", model.version(), "verified"));
        } catch (AuditUnavailableException e) {
            model.wipe();
            throw e;
        }
        return model;
    }

    private static ModelChanged event(
            Actor actor, String change, ModelVersion version, String detail) {
        return new ModelChanged(
                actor,
                change,
                version.ref().toString(),
                version.rootDigest().hex(),
                version.signer(),
                detail);
    }

    private void refused(Actor actor, ModelRef ref, RegistryRefusal refusal) {
        try {
            String why = String.valueOf(refusal.getMessage());
            audit.append(new ModelChanged(actor, "refused", ref.toString(), "", "", why));
        } catch (AuditUnavailableException e) {
            refusal.addSuppressed(e);
        }
    }

    private Path object(Digest sealed) {
        return directory.resolve(sealed.hex());
    }

    // The name is the digest: a file that is there was whole when it got its name, and what was
    // done to it since is found when it is opened.
    private void fetch(ModelRef ref, Digest sealed) {
        if (Files.exists(object(sealed))) {
            return;
        }
        Path part = directory.resolve("part-" + UUID.randomUUID());
        try {
            if (!download(ref, sealed, part).equals(sealed)) {
                throw new RegistryRefusal(
                        Cause.ALTERED,
                        "`" + ref + "` is refused: an object arrived other than it was stored");
            }
            Files.move(part, object(sealed), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new RegistryException("an object of `" + ref + "` cannot be fetched", e);
        } finally {
            discard(part);
        }
    }

    private Digest download(ModelRef ref, Digest sealed, Path part) throws IOException {
        MessageDigest digest = Hashes.sha256();
        try (InputStream in = source.object(ref, sealed);
                FileChannel out =
                        FileChannel.open(
                                part,
                                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                                PosixFilePermissions.asFileAttribute(
                                        PosixFilePermissions.fromString("rw-------")))) {
            byte[] block = new byte[BLOCK];
            int n;
            while ((n = in.read(block)) > 0) {
                digest.update(block, 0, n);
                ByteBuffer bytes = ByteBuffer.wrap(block, 0, n);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
            }
            out.force(true);
        }
        return Digest.of(digest.digest());
    }

    private static void discard(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw new RegistryException("cannot remove `" + part + "`", e);
        }
    }
}

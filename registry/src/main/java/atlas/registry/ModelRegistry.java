package atlas.registry;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.ModelChanged;
import atlas.core.AuditLog;
import atlas.core.AuditUnavailableException;
import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.crypto.ObjectContext;
import atlas.core.crypto.ObjectSealer;
import atlas.core.crypto.Sealer;
import atlas.registry.ModelVersion.State;
import atlas.registry.RegistryRefusal.Cause;
import atlas.registry.oms.OmsManifest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Which models exist, who vouched for them, and may they serve.
 *
 * <p>Promises: a version never changes; on disk there is only ciphertext; nothing is kept that a
 * trusted signer did not sign and the scanner did not admit; who approves did not push; every
 * change is in the journal, durably, before it takes effect, and without the journal there is no
 * change. A change takes effect by one atomic replacement of the index, so a crash leaves the state
 * before it or after it, and leftovers are collected when the registry opens.
 *
 * <p>Reading ({@link #list}, {@link #find}, {@link #admit}) never blocks and does no I/O. Changes
 * and loading block on the disk and the journal. Thread-safe; one process at a time.
 */
public final class ModelRegistry implements ServingModels, AutoCloseable {
    private static final int ALIGNMENT = 64;

    private final RegistryConfig config;
    private final Store store;
    private final ObjectSealer sealer;
    private final AuditLog audit;
    private final Clock clock;
    private final Faults faults;
    // Both written under this monitor only; read anywhere.
    private volatile TrustedSigners signers;
    private volatile Shelf shelf;
    private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();
    // Guarded by this: ciphertext of pushes that have not ended.
    private long pushingBytes;

    private ModelRegistry(
            RegistryConfig config,
            Store store,
            ObjectSealer sealer,
            TrustedSigners signers,
            AuditLog audit,
            Clock clock,
            Faults faults) {
        this.config = config;
        this.store = store;
        this.sealer = sealer;
        this.signers = signers;
        this.audit = audit;
        this.clock = clock;
        this.faults = faults;
        this.shelf = read();
    }

    /**
     * Opens the registry in a directory, making it when absent.
     *
     * @param sealer seals the files; {@code records} seals names, cards and states
     * @throws RegistryException when it is in use or its index cannot be trusted
     */
    public static ModelRegistry open(
            RegistryConfig config,
            ObjectSealer sealer,
            Sealer records,
            TrustedSigners signers,
            AuditLog audit,
            Clock clock) {
        return open(config, sealer, records, signers, audit, clock, Faults.NONE);
    }

    static ModelRegistry open(
            RegistryConfig config,
            ObjectSealer sealer,
            Sealer records,
            TrustedSigners signers,
            AuditLog audit,
            Clock clock,
            Faults faults) {
        Store store = Store.open(config.directory(), records);
        try {
            return new ModelRegistry(config, store, sealer, signers, audit, clock, faults);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private Shelf read() {
        Index index = store.readIndex();
        Map<ModelRef, StoredVersion> records = new HashMap<>();
        Map<ModelRef, String> problems = new HashMap<>();
        index.entries()
                .forEach((ref, entry) -> {
                    try {
                        records.put(ref, store.readRecord(ref, entry.record()));
                    } catch (RegistryRefusal e) {
                        problems.put(ref, String.valueOf(e.getMessage()));
                    }
                });
        Shelf read = new Shelf(index, records, problems, signatures());
        if (problems.isEmpty()) {
            collect(read);
        }
        return read;
    }

    // Only while every record is readable: an unreadable one may own any object.
    private void collect(Shelf read) {
        Set<String> names = new HashSet<>();
        Set<String> objects = new HashSet<>();
        read.index().entries().values().forEach(entry -> names.add(entry.record().hex()));
        for (StoredVersion stored : read.records().values()) {
            stored.files().forEach(file -> objects.add(file.object().hex()));
        }
        store.collect(names, objects);
    }

    private Signatures signatures() {
        return new Signatures(signers, clock);
    }

    /** Changes whose signatures count; models of others stop being admitted at once. */
    public synchronized void trust(TrustedSigners trusted) {
        signers = trusted;
        publish(shelf.index(), shelf.records());
    }

    /**
     * Stores a signed folder as the next version of a name.
     *
     * @param progress told while files are stored, on the calling thread
     * @throws RegistryRefusal when the signature, a file or a limit does not allow it
     * @throws AuditUnavailableException when it cannot be journaled; nothing was kept
     */
    public ModelVersion push(
            Path directory,
            String name,
            ModelSigner.Signature signature,
            Actor by,
            Consumer<Progress> progress) {
        if (!ModelRef.isName(name)) {
            throw new RegistryRefusal(
                    Cause.INVALID,
                    "not a model name: `"
                            + name
                            + "`; use lower-case letters, digits, `.`, `_` and `-`");
        }
        ModelSigner.Signature kept = signatures().kept(name, signature);
        OmsManifest manifest = signatures().require(name, kept);
        PushJourney.Upload upload =
                PushJourney.Upload.inspect(directory, name, manifest, config.maxFiles(), progress);
        ModelRef ref = reserve(name, upload.totalBytes());
        try {
            PushJourney journey = new PushJourney(store, sealer, config.tenant(), upload, ref);
            journey.run();
            return keep(journey, manifest, kept, ref, by);
        } finally {
            release(upload.totalBytes());
        }
    }

    private synchronized ModelRef reserve(String name, long bytes) {
        if (shelf.objectBytes() + pushingBytes + bytes > config.maxBytes()) {
            throw new RegistryRefusal(
                    Cause.QUOTA,
                    "`"
                            + name
                            + "` does not fit: the registry may hold "
                            + config.maxBytes()
                            + " bytes; retire versions or raise the limit");
        }
        Index index = shelf.index();
        ModelRef ref = new ModelRef(name, index.nextVersion(name));
        commit(index.reserve(name), shelf.records());
        pushingBytes += bytes;
        return ref;
    }

    private synchronized void release(long bytes) {
        pushingBytes -= bytes;
    }

    private ModelVersion keep(
            PushJourney journey,
            OmsManifest manifest,
            ModelSigner.Signature signature,
            ModelRef ref,
            Actor by) {
        StoredVersion stored =
                new StoredVersion(
                        ref,
                        manifest.rootDigest(),
                        manifest.signer(),
                        by.principal(),
                        clock.instant(),
                        journey.stored(),
                        journey.card(),
                        signature);
        faults.after("objects");
        Optional<Digest> record = Optional.empty();
        try {
            record = Optional.of(store.writeRecord(stored));
            faults.after("record");
            journal(by, "pushed", stored, stored.files().size() + " files");
            faults.after("journal");
            synchronized (this) {
                Map<ModelRef, StoredVersion> records = new HashMap<>(shelf.records());
                records.put(ref, stored);
                Index.Entry entry = new Index.Entry(record.get(), State.PUSHED, Optional.empty());
                commit(shelf.index().with(ref, entry), records);
            }
            return find(ref).orElseThrow();
        } catch (IOException e) {
            journey.discard();
            throw new RegistryException("cannot store the record of `" + ref + "`", e);
        } catch (AuditUnavailableException e) {
            journey.discard();
            record.ifPresent(store::discardRecord);
            throw e;
        }
    }

    // The index on disk first: what readers see is never ahead of it.
    private void commit(Index index, Map<ModelRef, StoredVersion> records) {
        store.writeIndex(index);
        faults.after("index");
        publish(index, records);
    }

    private void publish(Index index, Map<ModelRef, StoredVersion> records) {
        shelf = new Shelf(index, records, shelf.problems(), signatures());
        listeners.forEach(Runnable::run);
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public List<ModelVersion> list() {
        return shelf.list();
    }

    public Optional<ModelVersion> find(ModelRef ref) {
        return shelf.find(ref);
    }

    /** Whether files are there for all of a version's objects, whatever they hold. */
    public boolean hasObjects(ModelRef ref) {
        return shelf.record(ref)
                .map(stored ->
                        stored.files().stream()
                                .allMatch(file -> Files.exists(store.object(file.object()))))
                .orElse(false);
    }

    /** The version of a name that serves. */
    public Optional<ModelVersion> deployed(String name) {
        return shelf.index().deployed(name).flatMap(this::find);
    }

    /** Versions whose record was altered or lost, and what is wrong with it. */
    public Map<ModelRef, String> problems() {
        return shelf.problems();
    }

    /**
     * A second person agrees that a version may serve.
     *
     * @throws RegistryRefusal when it is the one who pushed, or the version is not new
     */
    public ModelVersion approve(ModelRef ref, Actor by) {
        return change(
                ref,
                by,
                "approved",
                index -> {
                    StoredVersion stored = require(ref);
                    if (stored.pushedBy().equals(by.principal())) {
                        throw new RegistryRefusal(
                                Cause.FOUR_EYES,
                                "`"
                                        + by.principal()
                                        + "` pushed `"
                                        + ref
                                        + "`; somebody else approves");
                    }
                    requireState(ref, State.PUSHED);
                    Digest record = index.entry(ref).orElseThrow().record();
                    return index.with(
                            ref,
                            new Index.Entry(record, State.APPROVED, Optional.of(by.principal())));
                });
    }

    /**
     * Makes an approved version the one of its name that serves.
     *
     * @throws RegistryRefusal when it is the one who pushed or approved it, whatever duties they
     *     hold by now, or the version is not approved
     */
    public ModelVersion deploy(ModelRef ref, Actor by) {
        return change(
                ref,
                by,
                "deployed",
                index -> {
                    requireState(ref, State.APPROVED);
                    requireAnother(ref, by);
                    signatures().require(ref.toString(), require(ref).signature());
                    return index.deploy(ref);
                });
    }

    /** Makes the version that served before serve again. */
    public ModelVersion rollback(String name, Actor by) {
        ModelRef before =
                shelf.index()
                        .before(name)
                        .orElseThrow(() ->
                                new RegistryRefusal(
                                        Cause.STATE,
                                        "no earlier version of `" + name + "` may serve"));
        return change(
                before,
                by,
                "rolled back",
                index -> {
                    requireState(before, State.APPROVED);
                    signatures().require(before.toString(), require(before).signature());
                    return index.deploy(before);
                });
    }

    /** Ends a version for good; if it serves, its name serves nothing until another is deployed. */
    public ModelVersion retire(ModelRef ref, Actor by) {
        return change(
                ref,
                by,
                "retired",
                index -> {
                    if (index.entry(ref).orElseThrow().state() == State.RETIRED) {
                        throw state(ref, State.RETIRED);
                    }
                    return index.with(ref, index.in(ref, State.RETIRED));
                });
    }

    private synchronized ModelVersion change(
            ModelRef ref, Actor by, String what, UnaryOperator<Index> transition) {
        StoredVersion stored = require(ref);
        Index next = transition.apply(shelf.index());
        journal(by, what, stored, "");
        faults.after("journal");
        commit(next, shelf.records());
        return find(ref).orElseThrow();
    }

    private void journal(Actor by, String change, StoredVersion stored, String detail) {
        audit.append(
                new ModelChanged(
                        by,
                        change,
                        stored.ref().toString(),
                        stored.rootDigest().hex(),
                        stored.signer(),
                        detail));
    }

    private StoredVersion require(ModelRef ref) {
        String problem = shelf.problems().get(ref);
        if (problem != null) {
            throw new RegistryRefusal(Cause.ALTERED, problem);
        }
        return shelf.record(ref)
                .orElseThrow(() -> new RegistryRefusal(Cause.UNKNOWN, "there is no `" + ref + "`"));
    }

    private void requireState(ModelRef ref, State wanted) {
        State state = find(ref).orElseThrow().state();
        if (state != wanted) {
            throw state(ref, state);
        }
    }

    private void requireAnother(ModelRef ref, Actor by) {
        ModelVersion version = find(ref).orElseThrow();
        boolean pushed = version.pushedBy().equals(by.principal());
        if (pushed || version.approvedBy().filter(by.principal()::equals).isPresent()) {
            throw new RegistryRefusal(
                    Cause.FOUR_EYES,
                    "`"
                            + by.principal()
                            + "` "
                            + (pushed ? "pushed" : "approved")
                            + " `"
                            + ref
                            + "`; somebody else deploys");
        }
    }

    /** The versions that are admitted now, and until when each one's signer may vouch for it. */
    public List<Deployed> deployed() {
        return shelf.deployed(clock.instant());
    }

    /** One that serves; {@code until} when the certificate of its signer ends. */
    public record Deployed(ModelVersion version, Optional<Instant> until) {}

    /**
     * An approved or deployed version for a node that has no registry of its own: everything but
     * the keys. The node verifies it for itself.
     *
     * @throws RegistryRefusal when it may not serve
     */
    public Released release(ModelRef ref) {
        StoredVersion known = require(ref);
        State state = find(ref).orElseThrow().state();
        if (state != State.APPROVED && state != State.DEPLOYED) {
            throw state(ref, state);
        }
        Digest record = shelf.index().entry(ref).orElseThrow().record();
        StoredVersion stored = store.readRecord(ref, record);
        signatures().require(ref.toString(), stored.signature());
        Map<Digest, Path> objects = new HashMap<>();
        Map<String, ObjectContext> contexts = new HashMap<>();
        for (StoredVersion.StoredFile file : known.files()) {
            String name = file.file().name();
            objects.put(file.object(), store.object(file.object()));
            contexts.put(
                    name, PushJourney.context(config.tenant(), ref, stored.rootDigest(), name));
        }
        return new Released(find(ref).orElseThrow(), stored.json(), objects, contexts);
    }

    /**
     * What a node needs to load a version.
     *
     * @param record what {@link FetchedModels} reads
     * @param objects where each sealed object lies, by the SHA-256 of its sealed bytes
     * @param contexts what each file's object is bound to
     */
    public record Released(
            ModelVersion version,
            byte[] record,
            Map<Digest, Path> objects,
            Map<String, ObjectContext> contexts) {}

    private static RegistryRefusal state(ModelRef ref, State state) {
        return new RegistryRefusal(
                Cause.STATE, "`" + ref + "` is " + state.name().toLowerCase(java.util.Locale.ROOT));
    }

    @Override
    public Admission admit(String name) {
        return shelf.admit(name, clock.instant());
    }

    /** {@link #openForServing(ModelRef, String, ModelMemory)} into memory of its own. */
    @SuppressWarnings("MustBeClosedChecker") // the model that is returned closes it
    public OpenedModel openForServing(ModelRef ref, String node) {
        Arena arena = Arena.ofShared();
        try {
            ModelMemory memory = file -> arena.allocate(file.bytes(), ALIGNMENT);
            return serve(ref, node, memory, arena::close);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Verifies an approved or deployed version from the disk up and loads it: record, signature
     * against the signers trusted now, every sealed chunk, the SHA-256 of every file. Loading and
     * refusing are both journaled; without the journal nothing is loaded.
     *
     * @param node who loads it, for the journal
     * @param memory where the plaintext goes; zeroed on refusal and on close, and never freed here
     * @throws RegistryRefusal naming what does not hold; nothing was exposed
     */
    public OpenedModel openForServing(ModelRef ref, String node, ModelMemory memory) {
        return serve(ref, node, memory, () -> {});
    }

    private OpenedModel serve(ModelRef ref, String node, ModelMemory memory, Runnable release) {
        Actor actor = Actor.system("node/" + node);
        try {
            StoredVersion known = require(ref);
            State state = find(ref).orElseThrow().state();
            if (state != State.APPROVED && state != State.DEPLOYED) {
                throw state(ref, state);
            }
            Digest record = shelf.index().entry(ref).orElseThrow().record();
            StoredVersion stored = store.readRecord(ref, record);
            OmsManifest manifest = signatures().require(ref.toString(), stored.signature());
            Map<String, MemorySegment> loaded =
                    new ServingJourney(store::object, sealer, config.tenant())
                            .load(stored, manifest, memory);
            MemoryModel model = new MemoryModel(find(ref).orElseThrow(), loaded, release);
            journalLoaded(actor, known, model);
            return model;
        } catch (RegistryRefusal e) {
            journalRefused(actor, ref, e);
            throw e;
        }
    }

    private void journalLoaded(Actor actor, StoredVersion stored, MemoryModel model) {
        try {
            journal(actor, "loaded", stored, "verified");
        } catch (AuditUnavailableException e) {
            model.wipe();
            throw e;
        }
    }

    private void journalRefused(Actor actor, ModelRef ref, RegistryRefusal refusal) {
        Optional<StoredVersion> stored = shelf.record(ref);
        try {
            audit.append(
                    new ModelChanged(
                            actor,
                            "refused",
                            ref.toString(),
                            stored.map(s -> s.rootDigest().hex()).orElse(""),
                            stored.map(StoredVersion::signer).orElse(""),
                            String.valueOf(refusal.getMessage())));
        } catch (AuditUnavailableException e) {
            refusal.addSuppressed(e);
        }
    }

    /** Lets another process in; what was loaded stays loaded. */
    @Override
    public void close() {
        store.close();
    }
}

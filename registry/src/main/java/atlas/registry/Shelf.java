package atlas.registry;

import atlas.core.ModelRef;
import atlas.registry.Admission.Admitted;
import atlas.registry.Admission.NotAdmitted;
import atlas.registry.ModelVersion.State;
import atlas.registry.oms.OmsManifest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The registry at one moment, immutable, all in memory: what readers see and what the gateway asks.
 * Signatures are checked when the shelf is made, so asking costs a look-up.
 */
final class Shelf {
    private final Index index;
    private final Map<ModelRef, StoredVersion> records;
    private final Map<ModelRef, String> problems;
    private final Map<ModelRef, ModelVersion> versions = new LinkedHashMap<>();
    private final Map<String, Admission> admissions = new HashMap<>();
    private final Map<String, Instant> validUntil = new HashMap<>();

    /**
     * @param records the records that could be read
     * @param problems for those that could not, why
     */
    Shelf(
            Index index,
            Map<ModelRef, StoredVersion> records,
            Map<ModelRef, String> problems,
            Signatures signatures) {
        this.index = index;
        this.records = Map.copyOf(records);
        this.problems = Map.copyOf(problems);
        for (Map.Entry<ModelRef, Index.Entry> entry : index.entries().entrySet()) {
            StoredVersion stored = this.records.get(entry.getKey());
            if (stored != null) {
                versions.put(entry.getKey(), version(stored, entry.getValue()));
            }
            if (entry.getValue().state() == State.DEPLOYED) {
                admit(entry.getKey(), signatures);
            }
        }
    }

    private static ModelVersion version(StoredVersion stored, Index.Entry entry) {
        return new ModelVersion(
                stored.ref(),
                stored.rootDigest(),
                stored.signer(),
                entry.state(),
                stored.pushedBy(),
                stored.pushed(),
                entry.approvedBy(),
                stored.fileRecords(),
                stored.card());
    }

    private void admit(ModelRef ref, Signatures signatures) {
        ModelVersion version = versions.get(ref);
        StoredVersion stored = records.get(ref);
        if (version == null || stored == null) {
            String why = problems.getOrDefault(ref, "its record is missing");
            admissions.put(ref.name(), new NotAdmitted(why));
            return;
        }
        try {
            OmsManifest manifest = signatures.require(ref.toString(), stored.signature());
            manifest.validUntil().ifPresent(until -> validUntil.put(ref.name(), until));
            admissions.put(ref.name(), new Admitted(version));
        } catch (RegistryRefusal e) {
            admissions.put(ref.name(), new NotAdmitted(String.valueOf(e.getMessage())));
        }
    }

    Index index() {
        return index;
    }

    Map<ModelRef, StoredVersion> records() {
        return records;
    }

    Map<ModelRef, String> problems() {
        return problems;
    }

    Optional<StoredVersion> record(ModelRef ref) {
        return Optional.ofNullable(records.get(ref));
    }

    List<ModelVersion> list() {
        return new ArrayList<>(versions.values());
    }

    Optional<ModelVersion> find(ModelRef ref) {
        return Optional.ofNullable(versions.get(ref));
    }

    /** What is admitted at that moment. */
    List<ModelRegistry.Deployed> deployed(Instant now) {
        List<ModelRegistry.Deployed> deployed = new ArrayList<>();
        for (String name : admissions.keySet()) {
            if (admit(name, now) instanceof Admitted admitted) {
                Optional<Instant> until = Optional.ofNullable(validUntil.get(name));
                deployed.add(new ModelRegistry.Deployed(admitted.version(), until));
            }
        }
        return deployed;
    }

    Admission admit(String name, Instant now) {
        Admission admission = admissions.get(name);
        if (admission == null) {
            return new NotAdmitted("no version of this name is deployed");
        }
        Instant until = validUntil.get(name);
        return until != null && now.isAfter(until)
                ? new NotAdmitted("the certificate of its signer expired at " + until)
                : admission;
    }

    /** Ciphertext in all versions that can be read. */
    long objectBytes() {
        return records.values().stream().mapToLong(StoredVersion::objectBytes).sum();
    }
}

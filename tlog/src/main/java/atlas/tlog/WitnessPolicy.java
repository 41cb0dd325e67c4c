package atlas.tlog;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A C2SP tlog-policy: which logs and witnesses are known, and which witnesses together are enough.
 *
 * <p>Strict: an unknown word, a name used before it is defined or twice, a key given twice, or
 * anything but one quorum is a {@link MalformedException} that names the line. Immutable and
 * thread-safe.
 */
public final class WitnessPolicy {
    private static final String NONE = "none";

    private final List<Log> logs;
    private final Map<String, Witness> witnesses;
    private final Map<String, Group> groups;
    private final String quorum;

    WitnessPolicy(
            List<Log> logs,
            Map<String, Witness> witnesses,
            Map<String, Group> groups,
            String quorum) {
        this.logs = List.copyOf(logs);
        this.witnesses = new LinkedHashMap<>(witnesses);
        this.groups = Map.copyOf(groups);
        this.quorum = quorum;
    }

    /**
     * A log whose checkpoints count.
     *
     * @param key its name is the log's origin
     */
    public record Log(NoteVerifierKey key, Optional<String> url) {}

    /**
     * A witness.
     *
     * @param name what the policy calls it; nobody else needs to
     * @param url its submission prefix, where the policy gives one
     */
    public record Witness(String name, NoteVerifierKey key, Optional<String> url) {}

    /** As many of its members as {@code threshold} make it count. */
    record Group(int threshold, List<String> members) {}

    /**
     * How a checkpoint stands under the policy.
     *
     * @param signatures those of logs and witnesses of the policy, checked
     * @param witnesses the witnesses among them
     * @param quorum whether they are enough
     */
    public record Standing(
            CheckpointText checkpoint,
            List<SignedNote.Checked> signatures,
            List<Witness> witnesses,
            boolean quorum) {}

    /** Reads a policy file. */
    public static WitnessPolicy parse(byte[] file) throws MalformedException {
        return new PolicyText(file).read();
    }

    public List<Log> logs() {
        return logs;
    }

    /** The witnesses, in the order of the file. */
    public List<Witness> witnesses() {
        return List.copyOf(witnesses.values());
    }

    /** The witness with this key; null when the policy has none. */
    private @Nullable Witness witness(NoteVerifierKey key) {
        return witnesses.values().stream()
                .filter(witness -> witness.key().equals(key))
                .findFirst()
                .orElse(null);
    }

    /** Whether it asks for no witness at all. */
    public boolean enoughWithout() {
        return quorum.equals(NONE);
    }

    /** Whether a cosignature of each of these, by the names of the policy, would be enough. */
    public boolean satisfiedBy(Set<String> names) {
        return enoughWithout() || holds(quorum, names);
    }

    // Every name is a member of one group at most, so this ends and looks at each once.
    private boolean holds(String name, Set<String> names) {
        Group group = groups.get(name);
        if (group == null) {
            return names.contains(name);
        }
        long there = group.members().stream().filter(member -> holds(member, names)).count();
        return there >= group.threshold();
    }

    /**
     * Judges a checkpoint: signed by a log of the policy for its own origin (by {@code log} where
     * the policy names none), and by how many of the witnesses. A cosignature that says no time
     * counts for nothing: it does not say that this was the largest tree its witness had seen.
     *
     * @throws MalformedException when it is no checkpoint, no such log signed it, or a signature by
     *     a known key is wrong
     */
    public Standing judge(byte[] note, Optional<NoteVerifierKey> log) throws MalformedException {
        SignedNote signed = SignedNote.parse(note);
        CheckpointText checkpoint = CheckpointText.parse(signed.text());
        List<NoteVerifierKey> keys = new ArrayList<>(logs.stream().map(Log::key).toList());
        if (keys.isEmpty()) {
            log.ifPresent(keys::add);
        }
        boolean anyLog = keys.isEmpty();
        List<NoteVerifierKey> known = new ArrayList<>(keys);
        witnesses.values().forEach(witness -> known.add(witness.key()));
        List<SignedNote.Checked> signatures = signed.check(known);
        boolean ofLog =
                signatures.stream()
                        .anyMatch(by ->
                                keys.contains(by.key())
                                        && by.key().name().equals(checkpoint.origin()));
        if (!ofLog && !anyLog) {
            throw new MalformedException(
                    "the checkpoint of `" + checkpoint.origin() + "` is not signed by that log");
        }
        List<Witness> there = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (SignedNote.Checked by : signatures) {
            Witness witness = witness(by.key());
            if (witness != null && by.time().orElse(0L) > 0 && names.add(witness.name())) {
                there.add(witness);
            }
        }
        return new Standing(checkpoint, signatures, there, satisfiedBy(names));
    }
}

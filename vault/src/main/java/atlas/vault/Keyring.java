package atlas.vault;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All wrapped keys of a vault at one moment: a value. Its text form is sealed before it is stored,
 * so who reads it back may rely on it.
 */
record Keyring(SortedMap<String, List<WrappedKey>> slots) {

    /**
     * One wrapped key.
     *
     * @param parent version of the tenant key that wraps it; 0 when the KEK does
     */
    record WrappedKey(int version, int parent, Instant created, byte[] wrapped) {}

    Keyring {
        slots = Collections.unmodifiableSortedMap(new TreeMap<>(slots));
    }

    static Keyring empty() {
        return new Keyring(new TreeMap<>());
    }

    /** The slot of a tenant's own key. */
    static String slot(String tenant) {
        return tenant;
    }

    /** The slot of a purpose's key. */
    static String slot(String tenant, Purpose purpose) {
        return tenant + "/" + purpose.name();
    }

    /** Versions in a slot, oldest first. */
    List<WrappedKey> keys(String slot) {
        return slots.getOrDefault(slot, List.of());
    }

    Optional<WrappedKey> current(String slot) {
        List<WrappedKey> keys = keys(slot);
        return keys.isEmpty() ? Optional.empty() : Optional.of(keys.getLast());
    }

    int nextVersion(String slot) {
        return current(slot).map(WrappedKey::version).orElse(0) + 1;
    }

    /** This keyring and one more key, which becomes the current one of its slot. */
    Keyring with(String slot, WrappedKey key) {
        SortedMap<String, List<WrappedKey>> more = new TreeMap<>(slots);
        List<WrappedKey> keys = new ArrayList<>(keys(slot));
        keys.add(key);
        more.put(slot, List.copyOf(keys));
        return new Keyring(more);
    }

    /** This keyring with other keys in the slots given, in place of all that were there. */
    Keyring replacing(Map<String, List<WrappedKey>> changed) {
        SortedMap<String, List<WrappedKey>> all = new TreeMap<>(slots);
        changed.forEach((slot, keys) -> all.put(slot, List.copyOf(keys)));
        return new Keyring(all);
    }

    byte[] text() {
        StringBuilder out = new StringBuilder();
        for (Map.Entry<String, List<WrappedKey>> slot : slots.entrySet()) {
            for (WrappedKey key : slot.getValue()) {
                out.append(slot.getKey())
                        .append(' ')
                        .append(key.version())
                        .append(' ')
                        .append(key.parent())
                        .append(' ')
                        .append(key.created())
                        .append(' ')
                        .append(Base64.getEncoder().encodeToString(key.wrapped()))
                        .append('\n');
            }
        }
        return out.toString().getBytes(StandardCharsets.US_ASCII);
    }

    static Keyring parse(byte[] text) {
        Keyring keyring = empty();
        for (String line : new String(text, StandardCharsets.US_ASCII).lines().toList()) {
            String[] fields = line.split(" ", -1);
            keyring =
                    keyring.with(
                            fields[0],
                            new WrappedKey(
                                    Integer.parseInt(fields[1]),
                                    Integer.parseInt(fields[2]),
                                    Instant.parse(fields[3]),
                                    Base64.getDecoder().decode(fields[4])));
        }
        return keyring;
    }
}

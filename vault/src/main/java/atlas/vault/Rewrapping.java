package atlas.vault;

import atlas.vault.Keyring.WrappedKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Takes tenant keys from under one KEK and puts them under another. */
final class Rewrapping {
    private Rewrapping() {}

    /** The tenant keys of a keyring, all versions, as the other KEK wraps them. */
    static Map<String, List<WrappedKey>> of(Keyring keyring, KekProvider from, KekProvider to) {
        Map<String, List<WrappedKey>> moved = new TreeMap<>();
        for (Map.Entry<String, List<WrappedKey>> slot : keyring.slots().entrySet()) {
            if (slot.getKey().indexOf('/') < 0) {
                moved.put(slot.getKey(), of(slot.getKey(), slot.getValue(), from, to));
            }
        }
        return moved;
    }

    private static List<WrappedKey> of(
            String slot, List<WrappedKey> keys, KekProvider from, KekProvider to) {
        List<WrappedKey> moved = new ArrayList<>();
        for (WrappedKey key : keys) {
            byte[] place = KeyVault.place(slot, key.version());
            byte[] plain = from.unwrap(key.wrapped(), place);
            try {
                moved.add(new WrappedKey(key.version(), 0, key.created(), to.wrap(plain, place)));
            } finally {
                Arrays.fill(plain, (byte) 0);
            }
        }
        return moved;
    }
}

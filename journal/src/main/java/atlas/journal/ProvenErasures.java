package atlas.journal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which keys the journal says were destroyed, so that an entry under one of them is erased and one
 * under any other that is not there is lost. Made anew from the journal where it is missing.
 *
 * @param looked entries of the journal that were looked at for it
 */
record ProvenErasures(long looked, Set<String> keys) {
    ProvenErasures {
        keys = Set.copyOf(keys);
    }

    static ProvenErasures none() {
        return new ProvenErasures(0, Set.of());
    }

    static ProvenErasures of(byte[] text) {
        List<String> lines = List.of(new String(text, StandardCharsets.UTF_8).split("\n", -1));
        return new ProvenErasures(
                Long.parseLong(lines.getFirst()), Set.copyOf(lines.subList(1, lines.size())));
    }

    byte[] text() {
        List<String> lines = new ArrayList<>();
        lines.add(Long.toString(looked));
        keys.stream().sorted().forEach(lines::add);
        return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    }

    ProvenErasures and(Collection<String> more, long size) {
        Set<String> all = new HashSet<>(keys);
        all.addAll(more);
        return new ProvenErasures(Math.max(looked, size), all);
    }
}

package atlas.segmentation.nftables;

import atlas.segmentation.nftables.Ruleset.Chain;
import atlas.segmentation.nftables.Ruleset.Element;
import atlas.segmentation.nftables.Ruleset.Elements;
import atlas.segmentation.nftables.Ruleset.Rule;
import atlas.segmentation.nftables.Ruleset.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Compares two rulesets by what they say, not by how it is laid out. */
final class RulesetDrift {
    private final List<String> found = new ArrayList<>();

    private RulesetDrift() {}

    static List<String> between(Ruleset compiled, Ruleset loaded) {
        RulesetDrift drift = new RulesetDrift();
        Set<String> names = new TreeSet<>(compiled.elements().keySet());
        names.addAll(loaded.elements().keySet());
        for (String name : names) {
            drift.elements(name, compiled.elements().get(name), loaded.elements().get(name));
        }
        Set<String> chains = new TreeSet<>(compiled.chains().keySet());
        chains.addAll(loaded.chains().keySet());
        for (String name : chains) {
            drift.chain(name, compiled.chains().get(name), loaded.chains().get(name));
        }
        return List.copyOf(drift.found);
    }

    private void elements(
            String name,
            @org.jspecify.annotations.Nullable Elements compiled,
            @org.jspecify.annotations.Nullable Elements loaded) {
        if (compiled == null || loaded == null) {
            found.add(present("set or map", name, loaded != null));
            return;
        }
        Set<Element> missing = new HashSet<>(compiled.list());
        loaded.list().forEach(missing::remove);
        Set<Element> added = new HashSet<>(loaded.list());
        compiled.list().forEach(added::remove);
        if (compiled.map() != loaded.map()) {
            found.add("`" + name + "` is of another kind");
        }
        if (!missing.isEmpty()) {
            found.add("`" + name + "` lacks " + missing.size() + " of its elements");
        }
        if (!added.isEmpty()) {
            found.add("`" + name + "` has " + added.size() + " elements too many");
        }
    }

    private void chain(
            String name,
            @org.jspecify.annotations.Nullable Chain compiled,
            @org.jspecify.annotations.Nullable Chain loaded) {
        if (compiled == null || loaded == null) {
            found.add(present("chain", name, loaded != null));
            return;
        }
        if (!compiled.hook().equals(loaded.hook())) {
            found.add("chain `" + name + "` hangs at another hook, or by another policy");
        }
        List<List<Statement>> one = statements(compiled);
        List<List<Statement>> other = statements(loaded);
        int common = Math.min(one.size(), other.size());
        for (int i = 0; i < common; i++) {
            if (!one.get(i).equals(other.get(i))) {
                found.add(
                        "chain `"
                                + name
                                + "` differs from its rule "
                                + (i + 1)
                                + " on (line "
                                + loaded.rules().get(i).line()
                                + " of what is loaded)");
                return;
            }
        }
        if (one.size() != other.size()) {
            found.add(
                    "chain `" + name + "` has " + other.size() + " rules instead of " + one.size());
        }
    }

    private static List<List<Statement>> statements(Chain chain) {
        return chain.rules().stream().map(Rule::statements).toList();
    }

    private static String present(String kind, String name, boolean loaded) {
        return kind
                + " `"
                + name
                + "` is "
                + (loaded ? "loaded and was not compiled" : "not loaded");
    }
}

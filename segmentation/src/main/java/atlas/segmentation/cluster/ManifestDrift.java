package atlas.segmentation.cluster;

import static atlas.segmentation.cluster.Manifests.object;

import atlas.segmentation.target.NotUnderstoodException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Compares the objects of a cluster with those that were compiled, by what was asked for. */
public final class ManifestDrift {
    private ManifestDrift() {}

    /**
     * Objects that lack, differ, or are of a kind that was compiled and were not; what a cluster
     * adds to an object does not matter.
     */
    public static List<String> between(String compiled, String loaded)
            throws NotUnderstoodException {
        Map<String, Object> wanted = specs(compiled);
        Map<String, Object> found = specs(loaded);
        List<String> drift = new ArrayList<>();
        wanted.forEach((name, spec) -> {
            if (!found.containsKey(name)) {
                drift.add("`" + name + "` is not there");
            } else if (!spec.equals(found.get(name))) {
                drift.add("`" + name + "` differs");
            }
        });
        Set<String> namespaces = new HashSet<>();
        wanted.keySet().forEach(name -> namespaces.add(namespace(name)));
        // Elsewhere others have policies of their own.
        found.keySet().stream()
                .filter(name -> !wanted.containsKey(name))
                .filter(name -> namespaces.contains(namespace(name)))
                .forEach(name -> drift.add("`" + name + "` is there and was not compiled"));
        return drift;
    }

    private static String namespace(String name) {
        return name.substring(name.indexOf(' ') + 1, name.indexOf('/'));
    }

    private static Map<String, Object> specs(String text) throws NotUnderstoodException {
        Map<String, Object> specs = new TreeMap<>();
        for (Map<String, Object> document : Manifests.read(text)) {
            Map<String, Object> metadata = object(document.get("metadata"));
            String name =
                    document.get("kind")
                            + " "
                            + metadata.getOrDefault("namespace", "default")
                            + "/"
                            + metadata.get("name");
            specs.put(name, object(document.get("spec")));
        }
        return specs;
    }
}

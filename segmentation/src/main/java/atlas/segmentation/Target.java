package atlas.segmentation;

import atlas.segmentation.cluster.CiliumBackend;
import atlas.segmentation.cluster.IstioBackend;
import atlas.segmentation.cluster.KubernetesBackend;
import atlas.segmentation.cluster.ManifestDrift;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.nftables.NftablesBackend;
import atlas.segmentation.target.Backend;
import atlas.segmentation.target.Compiled;
import atlas.segmentation.target.InexpressibleException;
import atlas.segmentation.target.NotUnderstoodException;
import atlas.segmentation.target.Proof;
import java.util.List;
import java.util.Locale;

/** Where a policy can be enforced. Pure and thread-safe; nothing blocks. */
public enum Target {
    NFTABLES("atlas.nft", new NftablesBackend()),
    KUBERNETES("kubernetes.yaml", new KubernetesBackend()),
    CILIUM("cilium.yaml", new CiliumBackend()),
    ISTIO("istio.yaml", new IstioBackend());

    private final String fileName;
    private final Backend backend;

    Target(String fileName, Backend backend) {
        this.fileName = fileName;
        this.backend = backend;
    }

    /** What the file is called that the text is written to. */
    public String fileName() {
        return fileName;
    }

    public String lower() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The text that enforces the graph, the same for the same graph. It was read again and held
     * against the graph before it is returned.
     *
     * @throws InexpressibleException when this target cannot hold the policy
     * @throws IllegalStateException when the text is not the policy, which is a fault here
     */
    public Compiled compile(AccessGraph graph) throws InexpressibleException {
        Compiled compiled = backend.compile(graph);
        try {
            Proof proof = backend.prove(compiled.text(), graph);
            if (!proof.holds()) {
                throw new IllegalStateException(
                        "what was compiled for "
                                + lower()
                                + " is not the policy: "
                                + proof.differences().getFirst());
            }
        } catch (NotUnderstoodException e) {
            throw new IllegalStateException(
                    "what was compiled for " + lower() + " cannot be proved", e);
        }
        return compiled;
    }

    /** Whether this text, wherever it comes from, allows what the graph does and nothing else. */
    public Proof prove(String text, AccessGraph graph) throws NotUnderstoodException {
        return backend.prove(text, graph);
    }

    /** Where loaded text differs from compiled text in what it says, not in how it is laid out. */
    public List<String> drift(String compiled, String loaded) throws NotUnderstoodException {
        return this == NFTABLES
                ? NftablesBackend.drift(compiled, loaded)
                : ManifestDrift.between(compiled, loaded);
    }
}

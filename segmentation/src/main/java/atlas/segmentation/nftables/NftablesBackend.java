package atlas.segmentation.nftables;

import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.target.Backend;
import atlas.segmentation.target.Compiled;
import atlas.segmentation.target.InexpressibleException;
import atlas.segmentation.target.NotUnderstoodException;
import atlas.segmentation.target.Proof;
import java.util.List;

/** The packet filter of Linux. */
public final class NftablesBackend implements Backend {
    @Override
    public Compiled compile(AccessGraph graph) throws InexpressibleException {
        return NftablesCompiler.compile(graph);
    }

    @Override
    public Proof prove(String text, AccessGraph graph) throws NotUnderstoodException {
        return NftablesProof.of(RulesetParser.parse(text), graph);
    }

    /**
     * Where what is loaded differs from what was compiled; counts of packets, comments and the
     * order of elements do not matter. Empty when they are the same.
     */
    public static List<String> drift(String compiled, String loaded) throws NotUnderstoodException {
        return RulesetDrift.between(RulesetParser.parse(compiled), RulesetParser.parse(loaded));
    }
}
